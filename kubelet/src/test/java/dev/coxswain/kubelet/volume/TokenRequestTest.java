package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class TokenRequestTest {
  private final JsonMapper mapper = JsonMapper.builder().build();

  @Test
  void readsTheAnswerToWhatItAsks() {
    String asked = mapper.writeValueAsString(TokenRequest.of(List.of("us"), 3607, "p", "u1"));
    assertThat(asked).contains("\"expirationSeconds\":3607", "\"uid\":\"u1\"");

    String answer =
        "{\"metadata\":{\"name\":\"default\"},"
            + "\"status\":{\"token\":\"t\",\"expirationTimestamp\":\"2026-01-01T00:00:00Z\"}}";
    TokenRequest read = mapper.readValue(answer, TokenRequest.class);
    assertThat(read.status()).isEqualTo(new TokenRequest.Status("t", "2026-01-01T00:00:00Z"));
    assertThat(String.valueOf(read.status())).doesNotContain("token=t");
  }
}
