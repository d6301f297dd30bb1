package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSourceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretVolumeSourceBuilder;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Of objects that are there and empty. */
final class PayloadsTest {
  private final PodFields fields =
      new PodFields(
          new PodBuilder().withNewMetadata().withNamespace("deck").endMetadata().build(),
          "10.0.0.1",
          List.of(),
          Map.of());
  private final Payloads payloads =
      new Payloads(
          (ConfigSource)
              Proxy.newProxyInstance(
                  ConfigSource.class.getClassLoader(),
                  new Class<?>[] {ConfigSource.class},
                  (self, method, arguments) ->
                      switch (method.getName()) {
                        case "configMap" -> Optional.of(new ConfigMap());
                        case "secret" -> Optional.of(new Secret());
                        default -> throw new AssertionError("asked for " + method);
                      }),
          new ServiceAccountTokens(
              (account, body) -> {
                throw new AssertionError("asked for a token of " + account);
              },
              new ManualTime()));

  @Test
  void aKeyThatIsNotThereIsToldInTheWordsThatPeopleLookFor() {
    assertThatThrownBy(() ->
            payloads.of(
                new ConfigMapVolumeSourceBuilder()
                    .withName("settings")
                    .addNewItem()
                    .withKey("absent")
                    .withPath("path")
                    .endItem()
                    .build(),
                fields))
        .hasMessage("configmap references non-existent config key: absent");
    assertThatThrownBy(() ->
            payloads.of(
                new SecretVolumeSourceBuilder()
                    .withSecretName("secret")
                    .addNewItem()
                    .withKey("absent")
                    .withPath("path")
                    .endItem()
                    .build(),
                fields))
        .hasMessage("references non-existent secret key: absent");
  }
}
