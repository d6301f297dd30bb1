package dev.coxswain.controllers.deployment;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One reconcile's work on a Deployment's sets: the one of the current template and the older ones,
 * kept up to date as they are scaled.
 */
final class Rollout {
  private static final Comparator<ReplicaSet> OLDEST_FIRST =
      Comparator.<ReplicaSet, Instant>comparing(Meta::created).thenComparing(Meta::name);

  private final Deployment deployment;
  private final Actions act;
  private final List<ReplicaSet> old;
  private @Nullable ReplicaSet current;

  Rollout(Deployment deployment, Optional<ReplicaSet> current, List<ReplicaSet> old, Actions act) {
    this.deployment = deployment;
    this.current = current.orElse(null);
    this.old = new ArrayList<>(old.stream().sorted(OLDEST_FIRST).toList());
    this.act = act;
  }

  /** The set that runs the Deployment's template. */
  Optional<ReplicaSet> current() {
    return Optional.ofNullable(current);
  }

  /** The sets of earlier templates, the oldest first. */
  List<ReplicaSet> old() {
    return List.copyOf(old);
  }

  /** Every set. */
  List<ReplicaSet> all() {
    return Stream.concat(old.stream(), current().stream()).toList();
  }

  /** A rolling update's next step: grow the current set, or else shrink the old ones. */
  boolean roll() {
    return growCurrent() || shrinkOld();
  }

  /** Recreate's next step: all old pods go before the first new one comes. */
  boolean stopOld() {
    boolean scaled = false;
    for (ReplicaSet set : old()) {
      scaled |= RolloutMath.replicas(set) > 0 && scale(set, 0);
    }
    return scaled;
  }

  /** Whether pods of earlier templates may still run. */
  boolean oldPodsRun(List<Pod> pods) {
    if (old.stream()
        .anyMatch(
            set -> set.getStatus() != null && Meta.number(set.getStatus().getReplicas(), 0) > 0)) {
      return true;
    }
    String currentUid = current == null ? "" : Meta.uid(current);
    return pods.stream()
        .filter(pod -> !Owners.controllerUid(pod).equals(currentUid))
        .anyMatch(pod -> !Pods.finished(pod));
  }

  /** Brings the current set to the wanted size at once. */
  boolean growCurrentFully() {
    return current != null && scale(current, RolloutMath.replicas(deployment));
  }

  /** Follows a change of the wanted number while no rollout may move: paused, or just scaled. */
  void followScale() {
    int wanted = RolloutMath.replicas(deployment);
    List<ReplicaSet> active = all().stream().filter(set -> RolloutMath.replicas(set) > 0).toList();
    if (active.size() <= 1) {
      Optional<ReplicaSet> only =
          active.isEmpty()
              ? current().or(() -> old.isEmpty() ? Optional.empty() : Optional.of(old.getLast()))
              : Optional.of(active.getFirst());
      only.ifPresent(set -> scale(set, wanted));
      return;
    }
    if (saturated()) {
      stopOld();
      return;
    }
    if (RolloutMath.rolling(deployment)) {
      RolloutMath.proportional(deployment, active)
          .forEach(sized -> scale(sized.set(), sized.replicas()));
    }
  }

  private boolean growCurrent() {
    if (current == null) {
      return false;
    }
    int size = RolloutMath.replicas(current);
    int wanted = RolloutMath.replicas(deployment);
    int next = size > wanted ? wanted : RolloutMath.grown(deployment, all(), size);
    return scale(current, next);
  }

  private boolean shrinkOld() {
    if (RolloutMath.replicas(old) == 0) {
      return false;
    }
    int minimum = RolloutMath.replicas(deployment) - RolloutMath.maxUnavailable(deployment);
    int notYetAvailable =
        current == null ? 0 : RolloutMath.replicas(current) - RolloutMath.available(current);
    int mayGo = RolloutMath.replicas(all()) - minimum - notYetAvailable;
    if (mayGo <= 0) {
      return false;
    }
    // The broken ones first: they serve nobody, and would hold up the rollout for ever.
    int gone = shrinkBroken(mayGo);
    int spare = all().stream().mapToInt(RolloutMath::sureAvailable).sum() - minimum;
    return shrinkHealthy(Math.min(spare, mayGo - gone)) + gone > 0;
  }

  private int shrinkBroken(int atMost) {
    int gone = 0;
    for (ReplicaSet set : old()) {
      int size = RolloutMath.replicas(set);
      int broken = Math.min(atMost - gone, size - RolloutMath.available(set));
      if (size > 0 && broken > 0) {
        scale(set, size - broken);
        gone += broken;
      }
    }
    return gone;
  }

  private int shrinkHealthy(int atMost) {
    int gone = 0;
    for (ReplicaSet set : old()) {
      int size = RolloutMath.replicas(set);
      int going = Math.min(size, atMost - gone);
      if (going > 0) {
        scale(set, size - going);
        gone += going;
      }
    }
    return gone;
  }

  /** Whether the current set alone already gives what is wanted. */
  private boolean saturated() {
    if (current == null) {
      return false;
    }
    int wanted = RolloutMath.replicas(deployment);
    return RolloutMath.replicas(current) == wanted
        && RolloutMath.available(current) == wanted
        && Integer.toString(wanted)
            .equals(Meta.annotations(current).getOrDefault(Revisions.DESIRED, ""));
  }

  /** Writes a set's size and what the Deployment wants; whether the size was changed. */
  private boolean scale(ReplicaSet set, int size) {
    String desired = Integer.toString(RolloutMath.replicas(deployment));
    String maximum =
        Integer.toString(RolloutMath.replicas(deployment) + RolloutMath.bounds(deployment).surge());
    int before = RolloutMath.replicas(set);
    boolean told =
        desired.equals(Meta.annotations(set).get(Revisions.DESIRED))
            && maximum.equals(Meta.annotations(set).get(Revisions.MAXIMUM));
    if (before == size && told) {
      return false;
    }
    ReplicaSet scaled =
        act.update(
            new ReplicaSetBuilder(set)
                .editMetadata()
                .addToAnnotations(Revisions.DESIRED, desired)
                .addToAnnotations(Revisions.MAXIMUM, maximum)
                .endMetadata()
                .editSpec()
                .withReplicas(size)
                .endSpec()
                .build());
    replace(scaled);
    if (before != size) {
      act.normal(
          deployment,
          "ScalingReplicaSet",
          "Scaled %s replica set %s from %d to %d"
              .formatted(size > before ? "up" : "down", Meta.name(set), before, size));
    }
    return before != size;
  }

  private void replace(ReplicaSet scaled) {
    if (current != null && Meta.uid(current).equals(Meta.uid(scaled))) {
      current = scaled;
    }
    old.replaceAll(set -> Meta.uid(set).equals(Meta.uid(scaled)) ? scaled : set);
  }
}
