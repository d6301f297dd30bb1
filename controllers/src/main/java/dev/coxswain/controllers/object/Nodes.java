package dev.coxswain.controllers.object;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.View;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What a node's state says to a controller. */
public final class Nodes {
  /** The index of pods by the node they are bound to. */
  public static final String INDEX = "node";

  private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

  private Nodes() {}

  /** The values of {@link #INDEX}. */
  public static Collection<String> ofPod(Pod pod) {
    return Pods.node(pod).isEmpty() ? List.of() : List.of(Pods.node(pod));
  }

  /** The keys of the pods that are bound to a node. */
  public static Collection<ObjectKey> podKeys(Node node, View view) {
    return view.by(Pod.class, INDEX, Meta.name(node)).stream().map(Meta::key).toList();
  }

  /** A condition of its status. */
  public static Optional<NodeCondition> condition(Node node, String type) {
    return node.getStatus() == null
        ? Optional.empty()
        : Meta.list(node.getStatus().getConditions()).stream()
            .filter(condition -> type.equals(condition.getType()))
            .findFirst();
  }

  /** What its Ready condition says: {@code True}, {@code False} or {@code Unknown}. */
  public static String readiness(Node node) {
    return condition(node, "Ready").map(NodeCondition::getStatus).orElse("Unknown");
  }

  /** Whether its Ready condition is true. */
  public static boolean ready(Node node) {
    return readiness(node).equals("True");
  }

  /** Its taints. */
  public static List<Taint> taints(Node node) {
    return node.getSpec() == null ? List.of() : Meta.list(node.getSpec().getTaints());
  }

  /** Whether somebody has declared that nothing runs there any more. */
  public static boolean outOfService(Node node) {
    return taints(node).stream().anyMatch(taint -> taint.getKey().equals(OUT_OF_SERVICE));
  }
}
