package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ClusterObjectsTest {
  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(0));
  private final ClusterObjects objects = new ClusterObjects(api, api.informer(Service.class), time);

  @Test
  void whatIsShownWhileAnAnswerIsOnItsWayIsNotOverwrittenByIt() {
    api.seed(ConfigMap.class, settings("old"));
    assertThat(value()).isEqualTo("old");
    time.advance(Duration.ofSeconds(6));
    api.onTheWay(() -> objects.shown(settings("new")));
    assertThat(value()).isEqualTo("new");
    api.onTheWay(() -> {});
    assertThat(value()).isEqualTo("new");
  }

  @Test
  void anAnswerIsKeptForAMoment() {
    api.seed(ConfigMap.class, settings("old"));
    assertThat(value()).isEqualTo("old");
    api.resource(ConfigMap.class).update(settings("new"));
    assertThat(value()).isEqualTo("old");
    time.advance(Duration.ofSeconds(6));
    assertThat(value()).isEqualTo("new");
  }

  @Test
  void aPodHasWhatWasWrittenBeforeIt() {
    api.seed(ConfigMap.class, settings("old"));
    assertThat(value()).isEqualTo("old");
    api.resource(ConfigMap.class).update(settings("new"));
    objects.added(pod("elsewhere"));
    assertThat(value()).isEqualTo("old");
    objects.added(pod("deck"));
    assertThat(value()).isEqualTo("new");
  }

  private static Pod pod(String namespace) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("one")
        .withNamespace(namespace)
        .endMetadata()
        .build();
  }

  private String value() {
    return objects.configMap("deck", "settings").orElseThrow().getData().getOrDefault("value", "");
  }

  private static ConfigMap settings(String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName("settings")
        .withNamespace("deck")
        .endMetadata()
        .withData(Map.of("value", value))
        .build();
  }
}
