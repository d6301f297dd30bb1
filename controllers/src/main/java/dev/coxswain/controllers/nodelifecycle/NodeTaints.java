package dev.coxswain.controllers.nodelifecycle;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The taints that tell of a node's conditions. Others' taints are left alone. */
final class NodeTaints {
  static final String NOT_READY = "node.kubernetes.io/not-ready";
  static final String UNREACHABLE = "node.kubernetes.io/unreachable";
  static final String NO_SCHEDULE = "NoSchedule";
  static final String NO_EXECUTE = "NoExecute";

  private static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
  private static final String MEMORY = "node.kubernetes.io/memory-pressure";
  private static final String DISK = "node.kubernetes.io/disk-pressure";
  private static final String PROCESSES = "node.kubernetes.io/pid-pressure";
  private static final String NETWORK = "node.kubernetes.io/network-unavailable";

  private static final Set<String> OURS =
      Set.of(NOT_READY, UNREACHABLE, UNSCHEDULABLE, MEMORY, DISK, PROCESSES, NETWORK);

  private NodeTaints() {}

  /** Whether the node's pods should be evicted, going by its Ready condition. */
  static boolean callsForEviction(Node node) {
    return Nodes.condition(node, "Ready").isPresent() && !unreadyKey(node).isEmpty();
  }

  /** Whether the node carries the taint that evicts its pods. */
  static boolean evicts(Node node) {
    return Nodes.taints(node).stream().anyMatch(NodeTaints::evicts);
  }

  /**
   * The node's taints as they should be.
   *
   * @param mayEvict whether an evicting taint may be added now; one that stands for the right
   *     reason stays in any case
   * @param mustNotEvict whether evicting taints must go: everything is silent, so it is we
   */
  static List<Taint> wanted(Node node, boolean mayEvict, boolean mustNotEvict, Instant now) {
    var wanted = new ArrayList<Taint>();
    List<Taint> present = Nodes.taints(node);
    for (Taint taint : present) {
      if (!OURS.contains(taint.getKey()) || !managed(taint)) {
        wanted.add(taint);
      }
    }
    for (String key : warnings(node)) {
      wanted.add(standing(present, key, NO_SCHEDULE).orElseGet(() -> taint(key, NO_SCHEDULE, now)));
    }
    String key = unreadyKey(node);
    if (callsForEviction(node) && !mustNotEvict) {
      Optional<Taint> standing = standing(present, key, NO_EXECUTE);
      // A node that only goes from not ready to unreachable was let through the brake before.
      if (standing.isPresent()) {
        wanted.add(standing.get());
      } else if (mayEvict || evicts(node)) {
        wanted.add(taint(key, NO_EXECUTE, now));
      }
    }
    return wanted;
  }

  private static boolean managed(Taint taint) {
    return NO_SCHEDULE.equals(taint.getEffect()) || evicts(taint);
  }

  private static boolean evicts(Taint taint) {
    return NO_EXECUTE.equals(taint.getEffect())
        && (NOT_READY.equals(taint.getKey()) || UNREACHABLE.equals(taint.getKey()));
  }

  private static String unreadyKey(Node node) {
    return Nodes.condition(node, "Ready")
        .map(NodeCondition::getStatus)
        .map(status ->
            switch (status) {
              case "False" -> NOT_READY;
              case "Unknown" -> UNREACHABLE;
              default -> "";
            })
        .orElse(NOT_READY);
  }

  private static List<String> warnings(Node node) {
    var keys = new ArrayList<String>();
    if (!unreadyKey(node).isEmpty()) {
      keys.add(unreadyKey(node));
    }
    if (node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable())) {
      keys.add(UNSCHEDULABLE);
    }
    addIfTrue(node, "MemoryPressure", MEMORY, keys);
    addIfTrue(node, "DiskPressure", DISK, keys);
    addIfTrue(node, "PIDPressure", PROCESSES, keys);
    addIfTrue(node, "NetworkUnavailable", NETWORK, keys);
    return keys;
  }

  private static void addIfTrue(Node node, String condition, String key, List<String> keys) {
    if (Nodes.condition(node, condition)
        .filter(present -> "True".equals(present.getStatus()))
        .isPresent()) {
      keys.add(key);
    }
  }

  private static Optional<Taint> standing(List<Taint> present, String key, String effect) {
    return present.stream()
        .filter(taint -> key.equals(taint.getKey()) && effect.equals(taint.getEffect()))
        .findFirst();
  }

  private static Taint taint(String key, String effect, Instant now) {
    return new TaintBuilder()
        .withKey(key)
        .withEffect(effect)
        .withTimeAdded(Meta.timestamp(now))
        .build();
  }

  /** Whether two lists hold the same taints, in whatever order. */
  static boolean same(List<Taint> some, List<Taint> others) {
    return some.size() == others.size() && Set.copyOf(some).equals(Set.copyOf(others));
  }
}
