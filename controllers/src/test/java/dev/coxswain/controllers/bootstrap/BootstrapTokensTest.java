package dev.coxswain.controllers.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class BootstrapTokensTest {
  private final Simulation simulation =
      new Simulation(4, new TokenCleaner(), new BootstrapSigner());

  @BeforeEach
  void start() {
    simulation.restart();
    simulation
        .api()
        .resource(ConfigMap.class)
        .create(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("kube-public")
                .withName("cluster-info")
                .endMetadata()
                .addToData("kubeconfig", "where the cluster is")
                .addToData("jws-kubeconfig-bbbbbb", "of a token that is gone")
                .build());
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void token(String id, String signs, Duration life) {
    simulation
        .api()
        .resource(Secret.class)
        .create(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace("kube-system")
                .withName("bootstrap-token-" + id)
                .endMetadata()
                .withType("bootstrap.kubernetes.io/token")
                .addToData("token-id", encoded(id))
                .addToData("token-secret", encoded("0123456789abcdef"))
                .addToData("usage-bootstrap-signing", encoded(signs))
                .addToData(
                    "expiration", encoded(Meta.timestamp(simulation.time().now().plus(life))))
                .build());
  }

  private Map<String, String> info() {
    return simulation
        .stored(ConfigMap.class, "kube-public", "cluster-info")
        .orElseThrow()
        .getData();
  }

  @Test
  void clusterInfoIsSignedByTheTokensThatAreMeantForIt() {
    token("abcdef", "true", Duration.ofHours(1));
    token("cccccc", "false", Duration.ofHours(1));
    simulation.rest();
    assertThat(info()).containsOnlyKeys("kubeconfig", "jws-kubeconfig-abcdef");
    // {"alg":"HS256","kid":"abcdef"}, nothing, and a hash.
    assertThat(info().get("jws-kubeconfig-abcdef"))
        .matches("eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9\\.\\.[A-Za-z0-9_-]{43}");
  }

  @Test
  void aSignatureIsWhatTheContentAndTheSecretMakeOfIt() {
    BootstrapToken token = new BootstrapToken("abcdef", "0123456789abcdef", Optional.empty(), true);
    BootstrapToken other = new BootstrapToken("abcdef", "fedcba9876543210", Optional.empty(), true);
    assertThat(BootstrapSigner.sign("a", token))
        .isEqualTo(BootstrapSigner.sign("a", token))
        .isNotEqualTo(BootstrapSigner.sign("b", token))
        .isNotEqualTo(BootstrapSigner.sign("a", other));
    assertThat(token.toString()).doesNotContain("0123456789abcdef");
  }

  @Test
  void aTokenThatHasExpiredIsDeletedAndItsSignatureWithIt() {
    token("abcdef", "true", Duration.ofHours(1));
    token("cccccc", "true", Duration.ofHours(9));
    simulation.rest();
    assertThat(info()).containsKeys("jws-kubeconfig-abcdef", "jws-kubeconfig-cccccc");
    simulation.pass(Duration.ofHours(1));
    assertThat(simulation.stored(Secret.class))
        .extracting(Meta::name)
        .containsExactly("bootstrap-token-cccccc");
    assertThat(info()).containsOnlyKeys("kubeconfig", "jws-kubeconfig-cccccc");
  }
}
