package dev.coxswain.runtime.node;

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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a pod may be on a node, resources apart. */
public final class NodeFit {
  private NodeFit() {}

  /** Whether the pod's selector and required affinity let it onto the node. */
  public static boolean selects(PodSpec pod, Node node) {
    if (!labels(node).entrySet().containsAll(map(pod.getNodeSelector()).entrySet())) {
      return false;
    }
    @Nullable Affinity affinity = pod.getAffinity();
    @Nullable NodeSelector required =
        affinity == null || affinity.getNodeAffinity() == null
            ? null
            : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    return required == null
        || list(required.getNodeSelectorTerms()).stream().anyMatch(term -> matches(term, node));
  }

  /** Whether a toleration covers a taint. */
  public static boolean tolerates(Toleration toleration, Taint taint) {
    String effect = text(toleration.getEffect());
    String key = text(toleration.getKey());
    boolean exists = "Exists".equals(toleration.getOperator());
    return (effect.isEmpty() || effect.equals(taint.getEffect()))
        && (key.isEmpty() ? exists : key.equals(taint.getKey()))
        && (exists || text(toleration.getValue()).equals(text(taint.getValue())));
  }

  /** Whether one of the tolerations covers the taint. */
  public static boolean tolerated(Taint taint, List<Toleration> tolerations) {
    return tolerations.stream().anyMatch(toleration -> tolerates(toleration, taint));
  }

  /** An empty term selects nothing. */
  private static boolean matches(NodeSelectorTerm term, Node node) {
    List<NodeSelectorRequirement> labels = list(term.getMatchExpressions());
    List<NodeSelectorRequirement> fields = list(term.getMatchFields());
    return !(labels.isEmpty() && fields.isEmpty())
        && labels.stream().allMatch(requirement -> matches(requirement, labels(node)))
        && fields.stream()
            .allMatch(requirement ->
                matches(requirement, Map.of("metadata.name", node.getMetadata().getName())));
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
    return new Requirement(requirement.getKey(), operator, list(requirement.getValues()))
        .matches(values);
  }

  private static Map<String, String> labels(Node node) {
    return map(node.getMetadata().getLabels());
  }

  private static Map<String, String> map(@Nullable Map<String, String> values) {
    return Objects.requireNonNullElse(values, Map.of());
  }

  private static <E> List<E> list(@Nullable List<E> values) {
    return Objects.requireNonNullElse(values, List.of());
  }

  private static String text(@Nullable String value) {
    return Objects.requireNonNullElse(value, "");
  }
}
