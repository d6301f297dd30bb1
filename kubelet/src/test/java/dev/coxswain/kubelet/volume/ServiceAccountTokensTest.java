package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjectionBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ServiceAccountTokensTest {
  private final ManualTime time = new ManualTime();
  private final List<String> asked = new ArrayList<>();
  private boolean away;

  /** The life that is given whatever is asked for; what is asked for if there is none. */
  private Optional<Duration> life = Optional.empty();

  private final ServiceAccountTokens tokens = new ServiceAccountTokens(this::issue, time);

  @Test
  void aTokenIsRenewedWhenFourFifthsOfItsLifeAreOver() throws ConfigException {
    Pod pod = pod("a");
    assertThat(token(pod, "", 600)).isEqualTo("token 1");
    time.advance(Duration.ofSeconds(479));
    assertThat(token(pod, "", 600)).isEqualTo("token 1");
    time.advance(Duration.ofSeconds(1));
    assertThat(token(pod, "", 600)).isEqualTo("token 2");
    assertThat(token(pod, "", 600)).isEqualTo("token 2");
    assertThat(asked)
        .containsExactly("harbour/sailor [] 600 of pod-a", "harbour/sailor [] 600 of pod-a");
  }

  @Test
  void whatCountsIsTheLifeThatWasGiven() throws ConfigException {
    life = Optional.of(Duration.ofSeconds(100));
    Pod pod = pod("a");
    token(pod, "", 3600);
    time.advance(Duration.ofSeconds(80));
    assertThat(token(pod, "", 3600)).isEqualTo("token 2");
    life = Optional.of(Duration.ofDays(365));
    time.advance(Duration.ofSeconds(80));
    assertThat(token(pod, "", 3600)).isEqualTo("token 3");
    time.advance(Duration.ofHours(24).minusSeconds(1));
    assertThat(token(pod, "", 3600)).isEqualTo("token 3");
    time.advance(Duration.ofSeconds(1));
    assertThat(token(pod, "", 3600)).as("daily at least").isEqualTo("token 4");
  }

  @Test
  void whileNobodyIssuesTheOldOneIsUsedToItsEnd() throws ConfigException {
    Pod pod = pod("a");
    token(pod, "", 600);
    away = true;
    time.advance(Duration.ofSeconds(599));
    assertThat(token(pod, "", 600)).isEqualTo("token 1");
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> token(pod, "", 600))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("failed to fetch token");
    away = false;
    assertThat(token(pod, "", 600)).isEqualTo("token 2");
  }

  @Test
  void eachPodAudienceAndLifeHasItsOwn() throws ConfigException {
    assertThat(token(pod("a"), "", 600)).isEqualTo("token 1");
    assertThat(token(pod("a"), "vault", 600)).isEqualTo("token 2");
    assertThat(token(pod("a"), "", 700)).isEqualTo("token 3");
    assertThat(token(pod("b"), "", 600)).isEqualTo("token 4");
    tokens.forget("uid-a");
    assertThat(token(pod("a"), "vault", 600)).isEqualTo("token 5");
    assertThat(token(pod("b"), "", 600)).isEqualTo("token 4");
    assertThat(asked).contains("harbour/sailor [vault] 600 of pod-a");
  }

  private TokenRequest issue(ObjectKey account, TokenRequest body) {
    if (away) {
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "nobody is there");
    }
    TokenRequest.Spec spec = body.spec();
    long seconds = Objects.requireNonNull(spec.expirationSeconds());
    asked.add(
        "%s/%s %s %d of %s"
            .formatted(
                account.namespace(),
                account.name(),
                spec.audiences(),
                seconds,
                Objects.requireNonNull(spec.boundObjectRef()).name()));
    return new TokenRequest(
        body.apiVersion(),
        body.kind(),
        spec,
        new TokenRequest.Status(
            "token " + asked.size(),
            time.now().plus(life.orElse(Duration.ofSeconds(seconds))).toString()));
  }

  private String token(Pod pod, String audience, long seconds) throws ConfigException {
    return tokens.token(
        pod,
        new ServiceAccountTokenProjectionBuilder()
            .withAudience(audience)
            .withExpirationSeconds(seconds)
            .withPath("token")
            .build());
  }

  private static Pod pod(String name) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("pod-" + name)
        .withNamespace("harbour")
        .withUid("uid-" + name)
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName("sailor")
        .endSpec()
        .build();
  }
}
