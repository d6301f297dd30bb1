package dev.coxswain.controllers.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResourceQuotaControllerTest {
  private Simulation simulation = new Simulation(5, new ResourceQuotaController());
  private Story<ResourceQuota> story = new Story<>(simulation, ResourceQuota.class);

  @Test
  void whatIsThereIsCountedAndWhatGoesIsNotAnyMore() {
    simulation.restart();
    story.create(
        quota(Map.of("pods", "5", "requests.cpu", "2", "count/configmaps", "9", "secrets", "1")));
    simulation.settle();
    assertThat(used())
        .isEqualTo(
            Map.of("pods", "0", "requests.cpu", "0", "count/configmaps", "0", "secrets", "0"));
    pod("a", "300m");
    Pod second = pod("b", "500m");
    map("one");
    simulation.settle();
    assertThat(used())
        .isEqualTo(
            Map.of("pods", "2", "requests.cpu", "800m", "count/configmaps", "1", "secrets", "0"));
    story.changePod(
        second,
        pod -> new PodBuilder(pod).editOrNewStatus().withPhase("Succeeded").endStatus().build());
    simulation.settle();
    assertThat(used()).containsEntry("pods", "1").containsEntry("requests.cpu", "300m");
    assertThat(story.stored().getStatus().getHard().get("requests.cpu")).hasToString("2");
  }

  @Test
  void aScopedOneCountsOnlyItsPods() {
    simulation.restart();
    story.create(
        new ResourceQuotaBuilder(quota(Map.of("pods", "5")))
            .editSpec()
            .withScopes("BestEffort")
            .endSpec()
            .build());
    pod("a", "300m");
    pod("b", "0");
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("pods", "1"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void isRightInTheEndWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new ResourceQuotaController());
      story = new Story<>(simulation, ResourceQuota.class);
      simulation.restart();
      story.create(quota(Map.of("pods", "50", "requests.cpu", "20")));
      for (int i = 0; i < 8; i++) {
        Pod pod = pod("p" + i, "100m");
        simulation.storm(20, FakeFaults.SOME, () -> {});
        if (i % 2 == 0) {
          story.delete(pod);
        }
      }
      simulation.restart();
      simulation.settle();
      assertThat(used())
          .as(simulation.recent())
          .isEqualTo(Map.of("pods", "4", "requests.cpu", "400m"));
    }
  }

  private Map<String, String> used() {
    return story.stored().getStatus().getUsed().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString()));
  }

  private Pod pod(String name, String cpu) {
    return simulation.calmly(() ->
        simulation
            .api()
            .resource(Pod.class)
            .create(
                new PodBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace("default")
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("main")
                    .withNewResources()
                    .addToRequests("cpu", new Quantity(cpu))
                    .endResources()
                    .endContainer()
                    .endSpec()
                    .build()));
  }

  private void map(String name) {
    simulation
        .api()
        .resource(ConfigMap.class)
        .create(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build());
  }

  private static ResourceQuota quota(Map<String, String> hard) {
    return new ResourceQuotaBuilder()
        .withNewMetadata()
        .withName("team")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withHard(
            hard.entrySet().stream()
                .collect(
                    Collectors.toMap(Map.Entry::getKey, entry -> Quantity.parse(entry.getValue()))))
        .endSpec()
        .build();
  }
}
