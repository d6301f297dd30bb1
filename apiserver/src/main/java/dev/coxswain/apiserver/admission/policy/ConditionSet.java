package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.policy.Evaluation.Answer;
import dev.coxswain.apiserver.cel.Environment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The match conditions of a policy or a webhook: all must hold. */
record ConditionSet(List<Compiled> conditions) {

  static ConditionSet of(JsonNode list, Environment environment) {
    List<Compiled> conditions = new ArrayList<>();
    for (JsonNode one : list) {
      conditions.add(
          Compiled.condition(environment, Json.text(one, "name"), Json.text(one, "expression")));
    }
    return new ConditionSet(List.copyOf(conditions));
  }

  /**
   * Whether they hold.
   *
   * @param error why that cannot be said; empty where it can
   */
  record Result(boolean holds, String error) {}

  /** One that is false decides, whatever happened to the others. */
  Result evaluate(Map<String, Object> values, List<Compiled> variables) {
    if (conditions.isEmpty()) {
      return new Result(true, "");
    }
    Evaluation evaluation = new Evaluation(values, variables, Evaluation.CONDITIONS_BUDGET);
    Set<String> errors = new LinkedHashSet<>();
    for (Compiled condition : conditions) {
      Answer answer = evaluation.of(condition);
      if (answer.failed()) {
        errors.add(answer.error());
      } else if (Boolean.FALSE.equals(answer.value())) {
        return new Result(false, "");
      }
    }
    if (errors.isEmpty()) {
      return new Result(true, "");
    }
    String all = String.join(", ", errors);
    return new Result(false, errors.size() == 1 ? all : "[" + all + "]");
  }
}
