package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What may change of a pod that waits behind gates before it is scheduled: gates are only ever
 * taken away, and while there are some, the nodes that it may go to are narrowed.
 */
final class GatedPods {
  private static final String SELECTOR = "nodeSelector";
  private static final String AFFINITY = "affinity";
  private static final String NODES = "nodeAffinity";
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final List<String> MATCHES = List.of("matchExpressions", "matchFields");

  private GatedPods() {}

  /** Adds what is wrong, and makes what may change the same in both. */
  static void check(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    Set<String> known = new HashSet<>();
    for (JsonNode gate : before.path("schedulingGates")) {
      known.add(Json.text(gate, "name"));
    }
    int index = 0;
    for (JsonNode gate : now.path("schedulingGates")) {
      String at = "spec.schedulingGates[" + index++ + "].name";
      String name = Json.text(gate, "name");
      if (!known.contains(name)) {
        errors.add(
            FieldError.forbidden(
                at, "only deletion is allowed, but found new scheduling gate '" + name + "'"));
      }
    }
    PodChangeRules.asBefore(now, before, "schedulingGates");
    if (!known.isEmpty()) {
      selector(now, before, errors);
      affinity(now, before, errors);
    }
  }

  private static void selector(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    JsonNode wanted = now.path(SELECTOR);
    boolean kept =
        before.path(SELECTOR).properties().stream()
            .allMatch(label -> label.getValue().equals(wanted.path(label.getKey())));
    if (!kept) {
      errors.add(
          FieldError.invalid(
              "spec." + SELECTOR,
              wanted.isObject() ? wanted : Json.object(),
              "only additions to spec.nodeSelector are allowed (no mutations or deletions)"));
    }
    PodChangeRules.asBefore(now, before, SELECTOR);
  }

  private static void affinity(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    JsonNode wanted = Json.at(now, AFFINITY, NODES);
    JsonNode had = Json.at(before, AFFINITY, NODES);
    if (Json.same(wanted, had)) {
      return;
    }
    terms(wanted.path(REQUIRED), had.path(REQUIRED), errors);
    ObjectNode rest = Json.ensureObject(now, AFFINITY);
    if (had.isMissingNode()) {
      rest.remove(NODES);
    } else {
      rest.set(NODES, had);
    }
    if (rest.isEmpty() && !before.has(AFFINITY)) {
      now.remove(AFFINITY);
    }
  }

  /** Each term may only grow, since any one of them is enough. */
  private static void terms(JsonNode required, JsonNode before, List<FieldError> errors) {
    String path = "spec." + AFFINITY + "." + NODES + "." + REQUIRED + ".nodeSelectorTerms";
    JsonNode wanted = required.path("nodeSelectorTerms");
    JsonNode had = before.path("nodeSelectorTerms");
    if (had.isEmpty()) {
      return;
    }
    if (had.size() != wanted.size()) {
      errors.add(
          FieldError.invalid(
              path,
              wanted.isArray() ? wanted : Json.object().nullNode(),
              "no additions/deletions to non-empty NodeSelectorTerms list are allowed"));
      return;
    }
    for (int i = 0; i < had.size(); i++) {
      if (!isNarrower(wanted.get(i), had.get(i))) {
        errors.add(
            FieldError.invalid(
                path + "[" + i + "]",
                wanted.get(i),
                "only additions are allowed (no mutations or deletions)"));
      }
    }
  }

  private static boolean isNarrower(JsonNode wanted, JsonNode had) {
    // A term without requirements selects nothing, so that any would widen it.
    boolean empty = MATCHES.stream().allMatch(kind -> had.path(kind).isEmpty());
    if (empty) {
      return MATCHES.stream().allMatch(kind -> wanted.path(kind).isEmpty());
    }
    for (String kind : MATCHES) {
      for (int i = 0; i < had.path(kind).size(); i++) {
        if (!Json.same(wanted.path(kind).path(i), had.path(kind).get(i))) {
          return false;
        }
      }
    }
    return true;
  }
}
