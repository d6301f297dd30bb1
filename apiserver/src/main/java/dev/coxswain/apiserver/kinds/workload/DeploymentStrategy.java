package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of deployments. */
public final class DeploymentStrategy extends WorkloadStrategy {
  private static final int HISTORY = 10;
  private static final int DEADLINE_SECONDS = 600;

  /** Rules on this shape. */
  public DeploymentStrategy(Schema schema) {
    super(schema, "deployment");
  }

  @Override
  public void prepareForStatusUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForStatusUpdate(object, old);
    copy(Json.ensureObject(old, "metadata"), Json.ensureObject(object, "metadata"), "labels");
  }

  @Override
  void fillSpec(ObjectNode spec) {
    Defaults.number(spec, "replicas", 1);
    ObjectNode strategy = Defaults.object(spec, "strategy");
    Defaults.text(strategy, "type", "RollingUpdate");
    if (Json.text(strategy, "type").equals("RollingUpdate")) {
      ObjectNode rolling = Defaults.object(strategy, "rollingUpdate");
      Defaults.text(rolling, "maxUnavailable", "25%");
      Defaults.text(rolling, "maxSurge", "25%");
    }
    Defaults.number(spec, "revisionHistoryLimit", HISTORY);
    Defaults.number(spec, "progressDeadlineSeconds", DEADLINE_SECONDS);
  }

  @Override
  boolean namesPods() {
    return true;
  }

  @Override
  void validateSpec(JsonNode spec, List<FieldError> errors) {
    strategy(spec.path("strategy"), errors);
    JsonNode deadline = spec.path("progressDeadlineSeconds");
    Checks.nonNegative(spec, "progressDeadlineSeconds", "spec", errors);
    if (deadline.isNumber() && deadline.asLong() <= spec.path("minReadySeconds").asLong(0)) {
      errors.add(
          FieldError.invalid(
              "spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
    }
  }

  private static void strategy(JsonNode strategy, List<FieldError> errors) {
    String path = "spec.strategy";
    Checks.oneOf(strategy, "type", Set.of("Recreate", "RollingUpdate"), path, errors);
    JsonNode rolling = strategy.path("rollingUpdate");
    if (Json.text(strategy, "type").equals("Recreate")) {
      if (rolling.isObject()) {
        errors.add(
            FieldError.forbidden(
                path + ".rollingUpdate",
                "may not be specified when strategy `type` is 'Recreate'"));
      }
      return;
    }
    String at = path + ".rollingUpdate";
    Surge.check(rolling.path("maxUnavailable"), at + ".maxUnavailable", errors);
    Surge.check(rolling.path("maxSurge"), at + ".maxSurge", errors);
    if (Surge.isZero(rolling.path("maxUnavailable")) && Surge.isZero(rolling.path("maxSurge"))) {
      errors.add(
          FieldError.invalid(
              at + ".maxUnavailable",
              rolling.path("maxUnavailable"),
              "may not be 0 when `maxSurge` is 0"));
    }
    Surge.notMoreThanAll(rolling.path("maxUnavailable"), at + ".maxUnavailable", errors);
  }
}
