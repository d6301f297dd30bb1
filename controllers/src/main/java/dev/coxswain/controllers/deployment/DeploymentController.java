package dev.coxswain.controllers.deployment;

import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Claims;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Selectors;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Takes a Deployment from one template to the next, and keeps its history to go back to. */
public final class DeploymentController implements Reconciler<Deployment> {
  private static final int DEFAULT_HISTORY = 10;

  @Override
  public String name() {
    return "deployment-controller";
  }

  @Override
  public Watches<Deployment> watches() {
    return Watches.of(Deployment.class)
        .claimed(
            ReplicaSet.class,
            (deployment, set) ->
                Selectors.matches(deployment.getSpec().getSelector(), Meta.labels(set)))
        // Recreate waits for the last old pod to go.
        .on(
            Pod.class,
            (change, view) ->
                change.after() != null
                    ? List.of()
                    : Owners.controllerKey(change.latest(), ReplicaSet.class)
                        .flatMap(key -> view.find(ReplicaSet.class, key))
                        .flatMap(set -> Owners.controllerKey(set, Deployment.class))
                        .flatMap(key -> view.find(Deployment.class, key))
                        .filter(deployment -> !RolloutMath.rolling(deployment))
                        .map(Meta::key)
                        .stream()
                        .toList());
  }

  @Override
  public Outcome reconcile(Deployment wanted, View view, Actions act) {
    LabelSelector selector = Selectors.of(wanted.getSpec().getSelector());
    if (selector.everything()) {
      act.warning(
          wanted,
          "SelectingAll",
          "This deployment is selecting all pods. A non-empty selector is required.");
      return Outcome.done();
    }
    List<ReplicaSet> sets = Claims.claim(ReplicaSet.class, wanted, selector, view, act);
    var conditions = new Conditions(wanted, view.now());
    if (Meta.deleting(wanted)) {
      return report(wanted, found(wanted, sets, act), conditions, view, act, false);
    }
    boolean paused = Boolean.TRUE.equals(wanted.getSpec().getPaused());
    notePause(wanted, paused, conditions);
    if (paused || scaled(wanted, sets)) {
      Rollout rollout = found(wanted, sets, act);
      rollout.followScale();
      if (paused) {
        forgetHistory(wanted, rollout, act);
      }
      return report(wanted, rollout, conditions, view, act, false);
    }
    return RolloutMath.rolling(wanted)
        ? roll(wanted, sets, conditions, view, act)
        : recreate(wanted, sets, conditions, view, act);
  }

  private static Outcome roll(
      Deployment wanted, List<ReplicaSet> sets, Conditions conditions, View view, Actions act) {
    ReplicaSet current = ensureCurrent(wanted, sets, conditions, view, act);
    Deployment noted = CurrentSet.noteRevision(wanted, current, act);
    Rollout rollout = new Rollout(noted, Optional.of(current), without(sets, current), act);
    if (!rollout.roll()) {
      forgetHistory(noted, rollout, act);
    }
    return report(noted, rollout, conditions, view, act, true);
  }

  private static Outcome recreate(
      Deployment wanted, List<ReplicaSet> sets, Conditions conditions, View view, Actions act) {
    Rollout rollout = found(wanted, sets, act);
    List<Pod> pods =
        sets.stream().flatMap(set -> view.controlledBy(Pod.class, Meta.uid(set)).stream()).toList();
    if (rollout.stopOld() || rollout.oldPodsRun(pods)) {
      return report(wanted, rollout, conditions, view, act, true);
    }
    ReplicaSet current = ensureCurrent(wanted, sets, conditions, view, act);
    Deployment noted = CurrentSet.noteRevision(wanted, current, act);
    rollout = new Rollout(noted, Optional.of(current), without(sets, current), act);
    if (!rollout.growCurrentFully()) {
      forgetHistory(noted, rollout, act);
    }
    return report(noted, rollout, conditions, view, act, true);
  }

  /** The current set, made if there is none; a failure to make it is told in the status. */
  private static ReplicaSet ensureCurrent(
      Deployment wanted, List<ReplicaSet> sets, Conditions conditions, View view, Actions act) {
    Optional<ReplicaSet> found = CurrentSet.find(wanted, sets);
    if (found.isPresent()) {
      if (Progress.hasDeadline(wanted) && conditions.find(Conditions.PROGRESSING).isEmpty()) {
        conditions.set(
            Conditions.PROGRESSING,
            "True",
            "FoundNewReplicaSet",
            "Found new replica set \"" + Meta.name(found.get()) + "\"");
      }
      return CurrentSet.keepInStep(wanted, found.get(), without(sets, found.get()), act);
    }
    try {
      return CurrentSet.create(wanted, sets, conditions, act);
    } catch (ApiException refused) {
      if (conditions.hasReason(Conditions.PROGRESSING, "ReplicaSetCreateError")) {
        report(wanted, found(wanted, sets, act), conditions, view, act, false);
      }
      throw refused;
    }
  }

  private static Rollout found(Deployment wanted, List<ReplicaSet> sets, Actions act) {
    Optional<ReplicaSet> current = CurrentSet.find(wanted, sets);
    return new Rollout(wanted, current, current.map(set -> without(sets, set)).orElse(sets), act);
  }

  private static List<ReplicaSet> without(List<ReplicaSet> sets, ReplicaSet one) {
    return sets.stream().filter(set -> !Meta.uid(set).equals(Meta.uid(one))).toList();
  }

  /** Whether the wanted number is another than the active sets were last told. */
  private static boolean scaled(Deployment wanted, List<ReplicaSet> sets) {
    String replicas = Integer.toString(RolloutMath.replicas(wanted));
    return sets.stream()
        .filter(set -> RolloutMath.replicas(set) > 0)
        .map(set -> Meta.annotations(set).get(Revisions.DESIRED))
        .filter(Objects::nonNull)
        .anyMatch(told -> !told.equals(replicas));
  }

  /** A pause stops the progress clock, and its end starts it anew. */
  private static void notePause(Deployment wanted, boolean paused, Conditions conditions) {
    if (!Progress.hasDeadline(wanted)
        || conditions.hasReason(Conditions.PROGRESSING, Progress.TIMED_OUT)) {
      return;
    }
    boolean noted = conditions.hasReason(Conditions.PROGRESSING, "DeploymentPaused");
    if (paused && !noted) {
      conditions.set(Conditions.PROGRESSING, "Unknown", "DeploymentPaused", "Deployment is paused");
    } else if (!paused && noted) {
      conditions.set(
          Conditions.PROGRESSING, "Unknown", "DeploymentResumed", "Deployment is resumed");
    }
  }

  /** Deletes the oldest of the sets that are kept only to go back to. */
  private static void forgetHistory(Deployment wanted, Rollout rollout, Actions act) {
    boolean done = wanted.getStatus() != null && Progress.complete(wanted, wanted.getStatus());
    boolean paused = Boolean.TRUE.equals(wanted.getSpec().getPaused());
    if (!done && !paused) {
      return;
    }
    int limit = Meta.number(wanted.getSpec().getRevisionHistoryLimit(), DEFAULT_HISTORY);
    List<ReplicaSet> kept =
        rollout.old().stream()
            .filter(set -> !Meta.deleting(set))
            .sorted(Comparator.comparingLong(Revisions::of).thenComparing(Meta::created))
            .toList();
    kept.stream()
        .limit(Math.max(0, kept.size() - limit))
        .filter(DeploymentController::atRest)
        .forEach(act::delete);
  }

  private static boolean atRest(ReplicaSet set) {
    var status = set.getStatus();
    return RolloutMath.replicas(set) == 0
        && status != null
        && Meta.number(status.getReplicas(), 0) == 0
        && status.getObservedGeneration() != null
        && status.getObservedGeneration() >= Meta.generation(set);
  }

  /** Writes the status if it changed. */
  private static Outcome report(
      Deployment deployment,
      Rollout rollout,
      Conditions conditions,
      View view,
      Actions act,
      boolean judge) {
    DeploymentStatus status =
        judge
            ? Progress.judged(deployment, rollout, conditions, view.now())
            : Progress.counted(deployment, rollout, conditions);
    if (!Progress.same(deployment.getStatus(), status)) {
      act.updateStatus(new DeploymentBuilder(deployment).withStatus(status).build());
    }
    return judge ? Progress.untilDeadline(deployment, status, view.now()) : Outcome.done();
  }
}
