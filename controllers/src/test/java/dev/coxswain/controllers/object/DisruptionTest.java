package dev.coxswain.controllers.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class DisruptionTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

  @Test
  void saysOfWhichGenerationItIsAndSinceWhenItStands() {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withGeneration(3L)
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build();
    JsonNode first = Disruption.conditions(pod, "DeletionByPodGC", "why", NOW).get(1);
    assertThat(first.path("observedGeneration").asLong()).isEqualTo(3);
    assertThat(first.path("lastTransitionTime").asString()).isEqualTo("2026-01-01T00:10:00Z");

    Pod told =
        new PodBuilder(pod)
            .editStatus()
            .addNewCondition()
            .withType("DisruptionTarget")
            .withStatus("True")
            .withReason("EvictionByEvictionAPI")
            .withLastTransitionTime("2026-01-01T00:00:00Z")
            .endCondition()
            .endStatus()
            .build();
    JsonNode again = Disruption.conditions(told, "DeletionByTaintManager", "why", NOW).get(1);
    assertThat(again.path("reason").asString()).isEqualTo("DeletionByTaintManager");
    assertThat(again.path("lastTransitionTime").asString()).isEqualTo("2026-01-01T00:00:00Z");
  }
}
