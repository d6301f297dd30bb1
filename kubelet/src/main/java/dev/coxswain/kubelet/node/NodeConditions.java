package dev.coxswain.kubelet.node;

import dev.coxswain.kubelet.pressure.Pressure;
import io.fabric8.kubernetes.api.model.NodeCondition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The node's conditions, in upstream's words. */
final class NodeConditions {
  private static final Set<String> OWN =
      Set.of("MemoryPressure", "DiskPressure", "PIDPressure", "Ready");

  private NodeConditions() {}

  /**
   * The conditions now; a condition whose value stays keeps its transition time.
   *
   * @param problem why the node cannot run pods; empty if it can
   * @param pressures what the node is short of
   */
  static List<NodeCondition> write(
      List<NodeCondition> before, Optional<String> problem, Set<Pressure> pressures, Instant now) {
    List<NodeCondition> conditions = new ArrayList<>();
    for (NodeCondition other : before) {
      if (!OWN.contains(other.getType())) {
        conditions.add(other);
      }
    }
    for (Pressure pressure : Pressure.values()) {
      boolean holds = pressures.contains(pressure);
      conditions.add(
          condition(
              before,
              pressure.condition(),
              holds,
              pressure.reason(holds),
              pressure.message(holds),
              now));
    }
    conditions.add(
        problem.isEmpty()
            ? condition(
                before, "Ready", true, "KubeletReady", "kubelet is posting ready status", now)
            : condition(before, "Ready", false, "KubeletNotReady", problem.get(), now));
    return conditions;
  }

  private static NodeCondition condition(
      List<NodeCondition> before,
      String type,
      boolean holds,
      String reason,
      String message,
      Instant now) {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    String value = holds ? "True" : "False";
    NodeCondition condition = new NodeCondition();
    condition.setType(type);
    condition.setStatus(value);
    condition.setReason(reason);
    condition.setMessage(message);
    condition.setLastHeartbeatTime(time);
    condition.setLastTransitionTime(
        before.stream()
            .filter(one -> one.getType().equals(type) && value.equals(one.getStatus()))
            .map(NodeCondition::getLastTransitionTime)
            .findFirst()
            .orElse(time));
    return condition;
  }
}
