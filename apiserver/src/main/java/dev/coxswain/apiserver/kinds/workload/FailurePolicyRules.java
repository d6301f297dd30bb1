package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with what a job says of pods that fail. The texts are upstream's. */
final class FailurePolicyRules {
  private static final int MOST_RULES = 20;
  private static final int MOST_CONDITIONS = 20;
  private static final int MOST_CODES = 255;
  private static final Set<String> ACTIONS = Set.of("Count", "FailIndex", "FailJob", "Ignore");
  private static final Set<String> OPERATORS = Set.of("In", "NotIn");
  private static final Set<String> STATUSES = Set.of("False", "True", "Unknown");

  private final JsonNode spec;
  private final List<FieldError> errors;
  private final Set<String> containers = new HashSet<>();

  /** Adds what it finds in a job's specification to a list. */
  FailurePolicyRules(JsonNode spec, List<FieldError> errors) {
    this.spec = spec;
    this.errors = errors;
    for (String list : List.of("containers", "initContainers")) {
      for (JsonNode container : Json.at(spec, "template", "spec", list)) {
        containers.add(Json.text(container, "name"));
      }
    }
  }

  void check(String path) {
    JsonNode rules = Json.at(spec, "podFailurePolicy", "rules");
    String at = path + ".rules";
    if (rules.size() > MOST_RULES) {
      errors.add(FieldError.tooMany(at, rules.size(), MOST_RULES));
    }
    int index = 0;
    for (JsonNode rule : rules) {
      rule(rule, at + "[" + index++ + "]");
    }
  }

  private void rule(JsonNode rule, String path) {
    String action = Json.text(rule, "action");
    Checks.oneOf(rule, "action", ACTIONS, path, errors);
    if (action.equals("FailIndex") && !spec.hasNonNull("backoffLimitPerIndex")) {
      errors.add(
          FieldError.invalid(
              path + ".action", action, "requires the backoffLimitPerIndex to be set"));
    }
    boolean codes = rule.path("onExitCodes").isObject();
    boolean conditions = !rule.path("onPodConditions").isEmpty();
    if (codes) {
      codes(rule.path("onExitCodes"), path + ".onExitCodes");
    }
    if (conditions) {
      conditions(rule.path("onPodConditions"), path + ".onPodConditions");
    }
    if (codes == conditions) {
      String which =
          codes
              ? "specifying both OnExitCodes and OnPodConditions is not supported"
              : "specifying one of OnExitCodes and OnPodConditions is required";
      errors.add(new FieldError(FieldError.Type.INVALID, path, "", which));
    }
  }

  private void conditions(JsonNode patterns, String path) {
    if (patterns.size() > MOST_CONDITIONS) {
      errors.add(FieldError.tooMany(path, patterns.size(), MOST_CONDITIONS));
    }
    int index = 0;
    for (JsonNode pattern : patterns) {
      String at = path + "[" + index++ + "]";
      String type = Json.text(pattern, "type");
      Checks.form(Names.qualifiedName(type), at + ".type", type, errors);
      Checks.oneOf(pattern, "status", STATUSES, at, errors);
    }
  }

  private void codes(JsonNode codes, String path) {
    Checks.oneOf(codes, "operator", OPERATORS, path, errors);
    String container = Json.text(codes, "containerName");
    if (codes.hasNonNull("containerName") && !containers.contains(container)) {
      errors.add(
          FieldError.invalid(
              path + ".containerName",
              container,
              "must be one of the container or initContainer names in the pod template"));
    }
    values(codes.path("values"), Json.text(codes, "operator").equals("In"), path + ".values");
  }

  private void values(JsonNode values, boolean in, String path) {
    if (values.isEmpty()) {
      errors.add(FieldError.invalid(path, Json.array(), "at least one value is required"));
    } else if (values.size() > MOST_CODES) {
      errors.add(FieldError.tooMany(path, values.size(), MOST_CODES));
    }
    boolean ordered = true;
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      String at = path + "[" + i + "]";
      long code = values.get(i).asLong(0);
      if (in && code == 0) {
        errors.add(FieldError.invalid(at, code, "must not be 0 for the In operator"));
      }
      if (!seen.add(code)) {
        errors.add(FieldError.duplicate(at, code));
      }
      ordered &= i == 0 || values.get(i - 1).asLong(0) <= code;
    }
    if (!ordered) {
      errors.add(FieldError.invalid(path, values, "must be ordered"));
    }
  }
}
