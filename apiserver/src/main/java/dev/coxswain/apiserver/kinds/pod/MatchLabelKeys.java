package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Labels of a new pod by which others are told apart, such as the hash of its template: what the
 * pod has of them goes into its selectors, where every scheduler and every reader finds it, and
 * stays what it was should the pod be labelled anew.
 */
final class MatchLabelKeys {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

  private MatchLabelKeys() {}

  static void merge(ObjectNode pod) {
    JsonNode labels = Json.at(pod, "metadata", "labels");
    JsonNode spec = pod.path("spec");
    for (JsonNode constraint : spec.path("topologySpreadConstraints")) {
      add(constraint, "matchLabelKeys", "In", labels);
    }
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      JsonNode affinity = spec.path("affinity").path(kind);
      for (JsonNode term : affinity.path(REQUIRED)) {
        both(term, labels);
      }
      for (JsonNode weighted : affinity.path(PREFERRED)) {
        both(weighted.path("podAffinityTerm"), labels);
      }
    }
  }

  private static void both(JsonNode term, JsonNode labels) {
    add(term, "matchLabelKeys", "In", labels);
    add(term, "mismatchLabelKeys", "NotIn", labels);
  }

  /** Without a selector nothing is meant, and a label that the pod has not means nothing. */
  private static void add(JsonNode holder, String field, String operator, JsonNode labels) {
    if (!(holder.path("labelSelector") instanceof ObjectNode selector)) {
      return;
    }
    for (JsonNode key : holder.path(field)) {
      JsonNode value = labels.path(key.asString(""));
      if (value.isString()) {
        ObjectNode expression = Json.object();
        expression.put("key", key.asString(""));
        expression.put("operator", operator);
        expression.putArray("values").add(value.asString());
        if (!contains(selector.path("matchExpressions"), expression)) {
          selector.withArray("matchExpressions").add(expression);
        }
      }
    }
  }

  /** Whether it has been merged before: a pod may be prepared more than once until it is stored. */
  private static boolean contains(JsonNode expressions, ObjectNode expression) {
    return expressions.valueStream().anyMatch(other -> Json.same(other, expression));
  }
}
