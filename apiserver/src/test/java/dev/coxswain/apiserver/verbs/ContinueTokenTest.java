package dev.coxswain.apiserver.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.request.StatusJson;
import org.junit.jupiter.api.Test;

class ContinueTokenTest {
  @Test
  void saysWhereAListGoesOn() {
    for (long revision : new long[] {7, ContinueToken.NOW}) {
      ContinueToken token = new ContinueToken(revision, "shop/a");
      assertThat(ContinueToken.decode(token.encode())).isEqualTo(token);
    }
    for (ContinueToken bad :
        new ContinueToken[] {
          new ContinueToken(0, "a"), new ContinueToken(-2, "a"), new ContinueToken(1, "/a")
        }) {
      assertThatThrownBy(() -> ContinueToken.decode(bad.encode())).isInstanceOf(ApiException.class);
    }
  }

  @Test
  void aStatusCarriesOne() {
    ApiStatus expired =
        new ApiStatus(410, StatusReason.EXPIRED, "too old", ApiStatus.Details.NONE, "token");
    assertThat(Json.text(StatusJson.failure(expired), "metadata", "continue")).isEqualTo("token");
    assertThat(StatusJson.failure(ApiStatus.of(StatusReason.EXPIRED, "too old")).path("metadata"))
        .isEmpty();
  }
}
