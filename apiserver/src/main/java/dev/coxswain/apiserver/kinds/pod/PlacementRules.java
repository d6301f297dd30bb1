package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.NodeSelectorRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with what a pod wants of its node and its neighbours: affinity and spread. */
final class PlacementRules {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
  private static final String ALWAYS = "DoNotSchedule";

  private final List<FieldError> errors;

  PlacementRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** The constraints on how pods spread. */
  void spread(JsonNode constraints, String path) {
    Set<String> seen = new HashSet<>();
    for (int i = constraints.size() - 1; i >= 0; i--) {
      JsonNode constraint = constraints.get(i);
      // Of two that are alike the earlier is the one at fault.
      String pair =
          "{"
              + Json.text(constraint, "topologyKey")
              + ", "
              + Json.text(constraint, "whenUnsatisfiable")
              + "}";
      if (!seen.add(pair)) {
        errors.add(
            FieldError.duplicate(path + "[" + i + "].{topologyKey, whenUnsatisfiable}", pair));
      }
    }
    int index = 0;
    for (JsonNode constraint : constraints) {
      constraint(constraint, path + "[" + index++ + "]");
    }
  }

  private void constraint(JsonNode constraint, String at) {
    if (constraint.path("maxSkew").asLong(0) <= 0) {
      errors.add(
          FieldError.invalid(
              at + ".maxSkew", constraint.path("maxSkew").asLong(0), "must be greater than zero"));
    }
    topologyKey(constraint, at);
    Checks.oneOf(constraint, "whenUnsatisfiable", Set.of(ALWAYS, "ScheduleAnyway"), at, errors);
    JsonNode domains = constraint.path("minDomains");
    if (domains.isNumber()) {
      String action = Json.text(constraint, "whenUnsatisfiable");
      if (domains.asLong() <= 0) {
        errors.add(FieldError.invalid(at + ".minDomains", domains, "must be greater than zero"));
      }
      if (!action.equals(ALWAYS)) {
        errors.add(
            FieldError.invalid(
                at + ".minDomains",
                domains,
                "can only use minDomains if whenUnsatisfiable=" + ALWAYS + ", not " + action));
      }
    }
    labelKeys(constraint, "matchLabelKeys", at);
    once(constraint, at);
    Checks.selector(constraint.path("labelSelector"), at + ".labelSelector", errors);
  }

  private void topologyKey(JsonNode node, String at) {
    String key = Json.text(node, "topologyKey");
    if (key.isEmpty()) {
      errors.add(FieldError.required(at + ".topologyKey", "can not be empty"));
    } else {
      Checks.form(Names.qualifiedName(key), at + ".topologyKey", key, errors);
    }
  }

  private void labelKeys(JsonNode node, String field, String path) {
    JsonNode keys = node.path(field);
    String at = path + "." + field;
    if (!keys.isEmpty() && !node.path("labelSelector").isObject()) {
      errors.add(FieldError.forbidden(at, "must not be specified when labelSelector is not set"));
    }
    int index = 0;
    for (JsonNode key : keys) {
      String name = key.asString("");
      Checks.form(Names.qualifiedName(name), at + "[" + index++ + "]", name, errors);
    }
  }

  /**
   * A key is in the selector because it is to be matched, or because somebody put it there, but not
   * both. A pod has what it was merged into, a template does not. The path is upstream's.
   */
  private void once(JsonNode node, String path) {
    List<String> keys = new ArrayList<>();
    node.path("matchLabelKeys").forEach(key -> keys.add(key.asString("")));
    Set<String> seen =
        new HashSet<>(node.path("labelSelector").path("matchLabels").propertyNames());
    for (JsonNode expression : node.path("labelSelector").path("matchExpressions")) {
      String key = Json.text(expression, "key");
      if (!seen.add(key) && keys.contains(key)) {
        errors.add(
            FieldError.invalid(
                path + "[" + keys.indexOf(key) + "]",
                key,
                "exists in both matchLabelKeys and labelSelector"));
      }
    }
  }

  /** The affinities, to nodes and to pods. */
  void affinity(JsonNode affinity, String path) {
    JsonNode nodes = affinity.path("nodeAffinity");
    if (nodes.path(REQUIRED).isObject()) {
      NodeSelectorRules.check(nodes.path(REQUIRED), path + ".nodeAffinity." + REQUIRED, errors);
    }
    int place = 0;
    for (JsonNode weighted : nodes.path(PREFERRED)) {
      String at = path + ".nodeAffinity." + PREFERRED + "[" + place++ + "]";
      weight(weighted, at);
      NodeSelectorRules.preference(weighted.path("preference"), at + ".preference", errors);
    }
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      int index = 0;
      for (JsonNode term : affinity.path(kind).path(REQUIRED)) {
        neighbours(term, path + "." + kind + "." + REQUIRED + "[" + index++ + "]");
      }
      index = 0;
      for (JsonNode weighted : affinity.path(kind).path(PREFERRED)) {
        String at = path + "." + kind + "." + PREFERRED + "[" + index++ + "]";
        weight(weighted, at);
        neighbours(weighted.path("podAffinityTerm"), at + ".podAffinityTerm");
      }
    }
  }

  private void weight(JsonNode weighted, String at) {
    long weight = weighted.path("weight").asLong(0);
    if (weight <= 0 || weight > 100) {
      errors.add(FieldError.invalid(at + ".weight", weight, "must be in the range 1-100"));
    }
  }

  private void neighbours(JsonNode term, String path) {
    topologyKey(term, path);
    Checks.selector(term.path("labelSelector"), path + ".labelSelector", errors);
    Checks.selector(term.path("namespaceSelector"), path + ".namespaceSelector", errors);
    for (JsonNode namespace : term.path("namespaces")) {
      String name = namespace.asString("");
      Checks.form(Names.label(name), path + ".namespace", name, errors);
    }
    labelKeys(term, "matchLabelKeys", path);
    labelKeys(term, "mismatchLabelKeys", path);
    once(term, path);
    Set<String> others = new HashSet<>();
    term.path("mismatchLabelKeys").forEach(key -> others.add(key.asString("")));
    int index = 0;
    for (JsonNode key : term.path("matchLabelKeys")) {
      String at = path + ".matchLabelKeys[" + index++ + "]";
      if (others.contains(key.asString(""))) {
        errors.add(
            FieldError.invalid(
                at, key.asString(""), "exists in both matchLabelKeys and mismatchLabelKeys"));
      }
    }
  }
}
