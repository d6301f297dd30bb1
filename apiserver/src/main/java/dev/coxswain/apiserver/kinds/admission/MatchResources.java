package dev.coxswain.apiserver.kinds.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code matchConstraints} of policies and {@code matchResources} of their bindings. */
final class MatchResources {
  private static final List<String> RULES = List.of("resourceRules", "excludeResourceRules");
  private static final List<String> MUTABLE = List.of("*", "CONNECT", "CREATE", "UPDATE");
  private static final List<String> POLICIES = List.of("Equivalent", "Exact");

  private MatchResources() {}

  static void fill(@Nullable ObjectNode match) {
    if (match == null) {
      return;
    }
    Defaults.text(match, "matchPolicy", "Equivalent");
    Defaults.object(match, "namespaceSelector");
    Defaults.object(match, "objectSelector");
    for (String field : RULES) {
      for (JsonNode rule : match.path(field)) {
        if (rule instanceof ObjectNode given) {
          Defaults.text(given, "scope", "*");
        }
      }
    }
  }

  /** What is deleted cannot be changed. */
  static void checkMutable(JsonNode match, String path, List<FieldError> errors) {
    for (JsonNode rule : match.path("resourceRules")) {
      for (JsonNode operation : rule.path("operations")) {
        if (!MUTABLE.contains(operation.asString(""))) {
          errors.add(
              FieldError.notSupported(
                  path + ".resourceRules.operations", operation.asString(""), MUTABLE));
        }
      }
    }
  }

  static void check(JsonNode match, String path, List<FieldError> errors) {
    if (!match.isObject()) {
      return;
    }
    String policy = Json.text(match, "matchPolicy");
    if (!policy.isEmpty() && !POLICIES.contains(policy)) {
      errors.add(FieldError.notSupported(path + ".matchPolicy", policy, POLICIES));
    }
    Checks.selector(match.path("namespaceSelector"), path + ".namespaceSelector", errors);
    Checks.selector(match.path("objectSelector"), path + ".objectSelector", errors);
    for (String field : RULES) {
      int index = 0;
      for (JsonNode rule : match.path(field)) {
        RequestRuleChecks.check(rule, path + "." + field + "[" + index++ + "]", errors);
      }
    }
  }
}
