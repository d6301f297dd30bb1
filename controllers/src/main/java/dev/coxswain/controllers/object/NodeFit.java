package dev.coxswain.controllers.object;

import dev.coxswain.api.selector.Requirement;
import dev.coxswain.api.selector.Requirement.Operator;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/** Whether a pod may be on a node, resources apart. */
public final class NodeFit {
  private NodeFit() {}

  /** Whether the pod's selector and required affinity let it onto the node. */
  public static boolean selects(PodSpec pod, Node node) {
    if (!Selectors.contains(Meta.labels(node), Meta.map(pod.getNodeSelector()))) {
      return false;
    }
    Affinity affinity = pod.getAffinity();
    NodeSelector required =
        affinity == null || affinity.getNodeAffinity() == null
            ? null
            : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    return required == null
        || Meta.list(required.getNodeSelectorTerms()).stream()
            .anyMatch(term -> matches(term, node));
  }

  /** Whether a toleration covers a taint. */
  public static boolean tolerates(Toleration toleration, Taint taint) {
    String effect = Meta.text(toleration.getEffect());
    String key = Meta.text(toleration.getKey());
    boolean exists = "Exists".equals(toleration.getOperator());
    return (effect.isEmpty() || effect.equals(taint.getEffect()))
        && (key.isEmpty() ? exists : key.equals(taint.getKey()))
        && (exists || Meta.text(toleration.getValue()).equals(Meta.text(taint.getValue())));
  }

  /** Whether one of the tolerations covers the taint. */
  public static boolean tolerated(Taint taint, List<Toleration> tolerations) {
    return tolerations.stream().anyMatch(toleration -> tolerates(toleration, taint));
  }

  /** An empty term selects nothing. */
  private static boolean matches(NodeSelectorTerm term, Node node) {
    List<NodeSelectorRequirement> labels = Meta.list(term.getMatchExpressions());
    List<NodeSelectorRequirement> fields = Meta.list(term.getMatchFields());
    return !(labels.isEmpty() && fields.isEmpty())
        && labels.stream().allMatch(requirement -> matches(requirement, Meta.labels(node)))
        && fields.stream()
            .allMatch(
                requirement -> matches(requirement, Map.of("metadata.name", Meta.name(node))));
  }

  private static boolean matches(NodeSelectorRequirement requirement, Map<String, String> values) {
    Operator operator =
        switch (requirement.getOperator()) {
          case "In" -> Operator.IN;
          case "NotIn" -> Operator.NOT_IN;
          case "Exists" -> Operator.EXISTS;
          case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
          case "Gt" -> Operator.GREATER_THAN;
          case "Lt" -> Operator.LESS_THAN;
          default ->
              throw new IllegalArgumentException(
                  "\"" + requirement.getOperator() + "\" is not a node selector operator");
        };
    return new Requirement(requirement.getKey(), operator, Meta.list(requirement.getValues()))
        .matches(values);
  }
}
