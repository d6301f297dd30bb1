package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of daemon sets. */
public final class DaemonSetStrategy extends WorkloadStrategy {
  private static final int HISTORY = 10;

  /** Rules on this shape. */
  public DaemonSetStrategy(Schema schema) {
    super(schema, "daemonset");
  }

  @Override
  void fillSpec(ObjectNode spec) {
    ObjectNode strategy = Defaults.object(spec, "updateStrategy");
    Defaults.text(strategy, "type", "RollingUpdate");
    if (Json.text(strategy, "type").equals("RollingUpdate")) {
      ObjectNode rolling = Defaults.object(strategy, "rollingUpdate");
      Defaults.number(rolling, "maxUnavailable", 1);
      Defaults.number(rolling, "maxSurge", 0);
    }
    Defaults.number(spec, "revisionHistoryLimit", HISTORY);
  }

  @Override
  void validateTemplate(JsonNode template, String path, PodSpecRules rules) {
    rules.checkRestartingTemplate(template, path, "DaemonSet");
  }

  @Override
  void validateSpec(JsonNode spec, List<FieldError> errors) {
    JsonNode strategy = spec.path("updateStrategy");
    String path = "spec.updateStrategy";
    Checks.oneOf(strategy, "type", Set.of("OnDelete", "RollingUpdate"), path, errors);
    if (!Json.text(strategy, "type").equals("RollingUpdate")) {
      return;
    }
    JsonNode rolling = strategy.path("rollingUpdate");
    Surge.check(rolling.path("maxUnavailable"), path + ".rollingUpdate.maxUnavailable", errors);
    Surge.check(rolling.path("maxSurge"), path + ".rollingUpdate.maxSurge", errors);
    Surge.notMoreThanAll(
        rolling.path("maxUnavailable"), path + ".rollingUpdate.maxUnavailable", errors);
    Surge.notMoreThanAll(rolling.path("maxSurge"), path + ".rollingUpdate.maxSurge", errors);
    boolean surges = !Surge.isZero(rolling.path("maxSurge"));
    boolean pauses = !Surge.isZero(rolling.path("maxUnavailable"));
    if (surges && pauses) {
      errors.add(
          FieldError.invalid(
              path + ".rollingUpdate.maxSurge",
              rolling.path("maxSurge"),
              "may not be set when maxUnavailable is non-zero"));
    } else if (!surges && !pauses) {
      errors.add(
          FieldError.required(
              path + ".rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0"));
    }
  }
}
