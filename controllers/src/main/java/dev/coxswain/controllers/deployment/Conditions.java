package dev.coxswain.controllers.deployment;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Deployment's conditions while one reconcile works on them. */
final class Conditions {
  static final String AVAILABLE = "Available";
  static final String PROGRESSING = "Progressing";
  static final String REPLICA_FAILURE = "ReplicaFailure";

  private final List<DeploymentCondition> conditions;
  private final Instant now;

  Conditions(Deployment deployment, Instant now) {
    this.conditions =
        new ArrayList<>(
            deployment.getStatus() == null
                ? List.of()
                : Meta.list(deployment.getStatus().getConditions()));
    this.now = now;
  }

  List<DeploymentCondition> list() {
    return List.copyOf(conditions);
  }

  Optional<DeploymentCondition> find(String type) {
    return conditions.stream().filter(condition -> condition.getType().equals(type)).findFirst();
  }

  boolean hasReason(String type, String reason) {
    return find(type).filter(condition -> reason.equals(condition.getReason())).isPresent();
  }

  void remove(String type) {
    conditions.removeIf(condition -> condition.getType().equals(type));
  }

  /** Sets a condition; one that says the same for the same reason stays as it is. */
  void set(String type, String status, String reason, String message) {
    Optional<DeploymentCondition> before = find(type);
    if (before
        .filter(same -> status.equals(same.getStatus()) && reason.equals(same.getReason()))
        .isEmpty()) {
      put(before, type, status, reason, message);
    }
  }

  /** Sets a condition and its update time even if it says the same: something moved. */
  void renew(String type, String status, String reason, String message) {
    put(find(type), type, status, reason, message);
  }

  private void put(
      Optional<DeploymentCondition> before,
      String type,
      String status,
      String reason,
      String message) {
    String at = Meta.timestamp(now);
    remove(type);
    conditions.add(
        new DeploymentConditionBuilder()
            .withType(type)
            .withStatus(status)
            .withReason(reason)
            .withMessage(message)
            .withLastUpdateTime(at)
            .withLastTransitionTime(
                before
                    .filter(same -> status.equals(same.getStatus()))
                    .map(DeploymentCondition::getLastTransitionTime)
                    .orElse(at))
            .build());
  }
}
