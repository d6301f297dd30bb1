package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The counts that workloads report. */
final class StatusCounts {
  private static final List<String> COUNTS =
      List.of(
          "replicas",
          "readyReplicas",
          "availableReplicas",
          "updatedReplicas",
          "unavailableReplicas",
          "fullyLabeledReplicas",
          "currentReplicas",
          "observedGeneration");

  private StatusCounts() {}

  static List<FieldError> check(JsonNode status) {
    List<FieldError> errors = new ArrayList<>();
    for (String count : COUNTS) {
      Checks.nonNegative(status, count, "status", errors);
    }
    for (String part : List.of("readyReplicas", "availableReplicas", "updatedReplicas")) {
      if (status.path(part).asLong(0) > status.path("replicas").asLong(0)) {
        errors.add(
            FieldError.invalid(
                "status." + part, status.path(part), "cannot be greater than status.replicas"));
      }
    }
    return errors;
  }
}
