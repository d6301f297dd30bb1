package dev.coxswain.controllers.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DeletionRankTest {
  private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

  @Test
  void theLeastUsefulGoFirst() {
    Pod unassigned = pod("unassigned", "", "Pending", false, 0, "2026-01-01T00:00:00Z", "");
    Pod pending = pod("pending", "a", "Pending", false, 0, "2026-01-01T00:00:00Z", "");
    Pod unready = pod("unready", "a", "Running", false, 0, "2026-01-01T00:00:00Z", "");
    Pod cheap = pod("cheap", "a", "Running", true, 0, "2026-01-01T00:00:00Z", "-5");
    Pod crowded = pod("crowded", "busy", "Running", true, 0, "2026-01-01T00:00:00Z", "");
    Pod newlyReady = pod("newly-ready", "a", "Running", true, 0, "2026-01-01T23:59:00Z", "");
    Pod restarted = pod("restarted", "a", "Running", true, 7, "2026-01-01T00:00:00Z", "");
    Pod settled = pod("settled", "a", "Running", true, 0, "2026-01-01T00:00:00Z", "");
    List<Pod> order =
        List.of(settled, restarted, newlyReady, crowded, cheap, unready, pending, unassigned);
    assertThat(DeletionRank.first(8, order, Map.of("busy", 3, "a", 1), NOW))
        .extracting(Meta::name)
        .containsExactly(
            "unassigned",
            "pending",
            "unready",
            "cheap",
            "crowded",
            "newly-ready",
            "restarted",
            "settled");
  }

  @Test
  void agesAreComparedByMagnitudeAndThenByChance() {
    Pod older = pod("older", "a", "Running", true, 0, "2026-01-01T00:00:00Z", "");
    Pod younger = pod("younger", "a", "Running", true, 0, "2026-01-01T00:10:00Z", "");
    older.getMetadata().setUid("1");
    younger.getMetadata().setUid("2");
    assertThat(DeletionRank.first(1, List.of(younger, older), Map.of(), NOW))
        .extracting(Meta::name)
        .containsExactly("older");
  }

  private static Pod pod(
      String name,
      String node,
      String phase,
      boolean ready,
      int restarts,
      String readySince,
      String cost) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withUid(name)
            .withCreationTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .withNewSpec()
            .withNodeName(node.isEmpty() ? null : node)
            .endSpec()
            .withNewStatus()
            .withPhase(phase)
            .addNewCondition()
            .withType("Ready")
            .withStatus(ready ? "True" : "False")
            .withLastTransitionTime(readySince)
            .endCondition()
            .addNewContainerStatus()
            .withName("main")
            .withRestartCount(restarts)
            .endContainerStatus()
            .endStatus()
            .build();
    if (!cost.isEmpty()) {
      pod.getMetadata().setAnnotations(Map.of(DeletionRank.COST, cost));
    }
    return pod;
  }
}
