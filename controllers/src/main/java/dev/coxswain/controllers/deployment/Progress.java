package dev.coxswain.controllers.deployment;

import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How far a Deployment is: its status, and whether it moves, is done, or is stuck. */
final class Progress {
  static final String DONE = "NewReplicaSetAvailable";
  static final String TIMED_OUT = "ProgressDeadlineExceeded";
  private static final String MOVING = "ReplicaSetUpdated";

  /** What the API says for no deadline at all. */
  private static final int NO_DEADLINE = Integer.MAX_VALUE;

  private Progress() {}

  /** The counts and the Available condition, with the other conditions as they are. */
  static DeploymentStatus counted(Deployment deployment, Rollout rollout, Conditions conditions) {
    Collection<ReplicaSet> all = rollout.all();
    int available = RolloutMath.available(all);
    var status = new DeploymentStatus();
    status.setObservedGeneration(Meta.generation(deployment));
    status.setReplicas(positive(all.stream().mapToInt(Progress::created).sum()));
    status.setUpdatedReplicas(
        positive(rollout.current().stream().mapToInt(Progress::created).sum()));
    status.setReadyReplicas(positive(all.stream().mapToInt(Progress::ready).sum()));
    status.setAvailableReplicas(positive(available));
    status.setUnavailableReplicas(positive(Math.max(0, RolloutMath.replicas(all) - available)));
    status.setCollisionCount(
        deployment.getStatus() == null ? null : deployment.getStatus().getCollisionCount());
    if (available >= RolloutMath.replicas(deployment) - RolloutMath.maxUnavailable(deployment)) {
      conditions.set(
          Conditions.AVAILABLE,
          "True",
          "MinimumReplicasAvailable",
          "Deployment has minimum availability.");
    } else {
      conditions.set(
          Conditions.AVAILABLE,
          "False",
          "MinimumReplicasUnavailable",
          "Deployment does not have minimum availability.");
    }
    status.setConditions(conditions.list());
    return status;
  }

  /** As {@link #counted}, with what the Progressing and ReplicaFailure conditions now say. */
  static DeploymentStatus judged(
      Deployment deployment, Rollout rollout, Conditions conditions, Instant now) {
    DeploymentStatus status = counted(deployment, rollout, conditions);
    if (!hasDeadline(deployment)) {
      conditions.remove(Conditions.PROGRESSING);
    } else if (!wasDone(status, conditions)) {
      String who =
          rollout
              .current()
              .map(set -> "ReplicaSet \"" + Meta.name(set) + "\"")
              .orElse("Deployment \"" + Meta.name(deployment) + "\"");
      if (complete(deployment, status)) {
        conditions.set(Conditions.PROGRESSING, "True", DONE, who + " has successfully progressed.");
      } else if (moved(deployment, status)) {
        conditions.renew(Conditions.PROGRESSING, "True", MOVING, who + " is progressing.");
      } else if (timedOut(deployment, conditions, now)) {
        conditions.set(
            Conditions.PROGRESSING, "False", TIMED_OUT, who + " has timed out progressing.");
      }
    }
    // One that stands stays as it is: its time tells since when.
    failure(rollout)
        .ifPresentOrElse(
            failed ->
                conditions.set(
                    Conditions.REPLICA_FAILURE,
                    failed.getStatus(),
                    Meta.text(failed.getReason()),
                    Meta.text(failed.getMessage())),
            () -> conditions.remove(Conditions.REPLICA_FAILURE));
    status.setConditions(conditions.list());
    return status;
  }

  /** Whether every wanted pod runs the current template and is available, and no other runs. */
  static boolean complete(Deployment deployment, DeploymentStatus status) {
    int wanted = RolloutMath.replicas(deployment);
    Long observed = status.getObservedGeneration();
    return Meta.number(status.getUpdatedReplicas(), 0) == wanted
        && Meta.number(status.getReplicas(), 0) == wanted
        && Meta.number(status.getAvailableReplicas(), 0) == wanted
        && observed != null
        && observed >= Meta.generation(deployment);
  }

  /** When to look again whether the deadline has passed: nothing else would wake the key. */
  static Outcome untilDeadline(Deployment deployment, DeploymentStatus status, Instant now) {
    Optional<DeploymentCondition> progressing =
        status.getConditions().stream()
            .filter(condition -> condition.getType().equals(Conditions.PROGRESSING))
            .findFirst();
    if (!hasDeadline(deployment)
        || progressing.isEmpty()
        || complete(deployment, status)
        || TIMED_OUT.equals(progressing.get().getReason())) {
      return Outcome.done();
    }
    // A second more, because the timestamps are cut to seconds.
    Duration left = Duration.between(now, deadline(deployment, progressing.get())).plusSeconds(1);
    return left.isNegative() ? Outcome.done() : Outcome.again(left);
  }

  static boolean hasDeadline(Deployment deployment) {
    Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
    return seconds != null && seconds != NO_DEADLINE;
  }

  private static boolean wasDone(DeploymentStatus status, Conditions conditions) {
    return Meta.number(status.getReplicas(), 0) == Meta.number(status.getUpdatedReplicas(), 0)
        && conditions.hasReason(Conditions.PROGRESSING, DONE);
  }

  /** Whether more pods are new, ready or available, or fewer are old, than the status says. */
  private static boolean moved(Deployment deployment, DeploymentStatus now) {
    DeploymentStatus before =
        deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
    return Meta.number(now.getUpdatedReplicas(), 0) > Meta.number(before.getUpdatedReplicas(), 0)
        || outdated(now) < outdated(before)
        || Meta.number(now.getReadyReplicas(), 0) > Meta.number(before.getReadyReplicas(), 0)
        || Meta.number(now.getAvailableReplicas(), 0)
            > Meta.number(before.getAvailableReplicas(), 0);
  }

  private static int outdated(DeploymentStatus status) {
    return Meta.number(status.getReplicas(), 0) - Meta.number(status.getUpdatedReplicas(), 0);
  }

  private static boolean timedOut(Deployment deployment, Conditions conditions, Instant now) {
    return conditions
        .find(Conditions.PROGRESSING)
        .filter(condition -> !DONE.equals(condition.getReason()))
        .filter(condition ->
            TIMED_OUT.equals(condition.getReason()) || now.isAfter(deadline(deployment, condition)))
        .isPresent();
  }

  private static Instant deadline(Deployment deployment, DeploymentCondition progressing) {
    return Meta.time(progressing.getLastUpdateTime())
        .orElse(Instant.EPOCH)
        .plusSeconds(Meta.number(deployment.getSpec().getProgressDeadlineSeconds(), 0));
  }

  /** Why a set fails to create or delete pods, the current one's reason first. */
  private static Optional<ReplicaSetCondition> failure(Rollout rollout) {
    return Stream.concat(rollout.current().stream(), rollout.old().stream())
        .filter(set -> set.getStatus() != null)
        .flatMap(set -> Meta.list(set.getStatus().getConditions()).stream())
        .filter(condition -> condition.getType().equals(Conditions.REPLICA_FAILURE))
        .findFirst();
  }

  private static int created(ReplicaSet set) {
    return set.getStatus() == null ? 0 : Meta.number(set.getStatus().getReplicas(), 0);
  }

  private static int ready(ReplicaSet set) {
    return set.getStatus() == null ? 0 : Meta.number(set.getStatus().getReadyReplicas(), 0);
  }

  /** A count as the API serializes it: absent when it is nothing. */
  private static @Nullable Integer positive(int count) {
    return count == 0 ? null : count;
  }

  /** Conditions in their order of appearance, for comparison. */
  static boolean same(@Nullable DeploymentStatus before, DeploymentStatus after) {
    if (before == null) {
      return false;
    }
    List<DeploymentCondition> old = Meta.list(before.getConditions());
    return old.containsAll(after.getConditions())
        && after.getConditions().containsAll(old)
        && before.toBuilder()
            .withConditions(List.of())
            .build()
            .equals(after.toBuilder().withConditions(List.of()).build());
  }
}
