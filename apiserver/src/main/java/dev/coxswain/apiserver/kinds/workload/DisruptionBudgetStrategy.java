package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ConditionRules;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of disruption budgets. */
public final class DisruptionBudgetStrategy extends StandardStrategy {
  private static final Set<String> UNHEALTHY = Set.of("AlwaysAllow", "IfHealthyBudget");
  private static final List<String> COUNTS =
      List.of("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods");

  /** Rules on this shape. */
  public DisruptionBudgetStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
      errors.add(
          FieldError.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
    }
    for (String bound : List.of("minAvailable", "maxUnavailable")) {
      Surge.check(spec.path(bound), "spec." + bound, errors);
      Surge.notMoreThanAll(spec.path(bound), "spec." + bound, errors);
    }
    Checks.selector(spec.path("selector"), "spec.selector", errors);
    if (spec.has("unhealthyPodEvictionPolicy")) {
      Checks.oneOf(spec, "unhealthyPodEvictionPolicy", UNHEALTHY, "spec", errors);
    }
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode status = object.path("status");
    ConditionRules.check(status.path("conditions"), "status.conditions", errors);
    for (String count : COUNTS) {
      Checks.nonNegative(status, count, "status", errors);
    }
    return errors;
  }
}
