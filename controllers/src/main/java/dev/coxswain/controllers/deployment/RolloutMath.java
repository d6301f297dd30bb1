package dev.coxswain.controllers.deployment;

import dev.coxswain.controllers.object.IntOrPercent;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDeployment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** How many pods which set should have. Pure numbers; the sizes are in pods. */
final class RolloutMath {
  private RolloutMath() {}

  /**
   * How far a rolling update may go beyond and below the wanted number.
   *
   * @param surge pods above the wanted number, at most
   * @param unavailable pods that may be unavailable, at most
   */
  record Bounds(int surge, int unavailable) {}

  static boolean rolling(Deployment deployment) {
    var strategy = deployment.getSpec().getStrategy();
    return strategy == null || !"Recreate".equals(strategy.getType());
  }

  static int replicas(Deployment deployment) {
    return Meta.number(deployment.getSpec().getReplicas(), 1);
  }

  static int replicas(ReplicaSet set) {
    return Meta.number(set.getSpec().getReplicas(), 1);
  }

  static int replicas(Collection<ReplicaSet> sets) {
    return sets.stream().mapToInt(RolloutMath::replicas).sum();
  }

  static int available(ReplicaSet set) {
    return set.getStatus() == null ? 0 : Meta.number(set.getStatus().getAvailableReplicas(), 0);
  }

  static int available(Collection<ReplicaSet> sets) {
    return sets.stream().mapToInt(RolloutMath::available).sum();
  }

  /**
   * Whether the set's status was written in knowledge of its size. Until then it may still be
   * creating pods that its size no longer allows.
   */
  private static boolean heeded(ReplicaSet set) {
    Long observed = set.getStatus() == null ? null : set.getStatus().getObservedGeneration();
    return observed != null && observed >= Meta.generation(set);
  }

  /**
   * Pods that a set has or will have: one just told to shrink may still have more than it should.
   */
  private static int takes(ReplicaSet set) {
    int created = set.getStatus() == null ? 0 : Meta.number(set.getStatus().getReplicas(), 0);
    return Math.max(replicas(set), created);
  }

  /** Available pods that a set will keep: one just told to shrink may report more. */
  static int sureAvailable(ReplicaSet set) {
    return Math.min(replicas(set), available(set));
  }

  /** The bounds of a rolling update; both zero for Recreate. */
  static Bounds bounds(Deployment deployment) {
    int replicas = replicas(deployment);
    if (!rolling(deployment)) {
      return new Bounds(0, 0);
    }
    RollingUpdateDeployment update =
        deployment.getSpec().getStrategy() == null
            ? null
            : deployment.getSpec().getStrategy().getRollingUpdate();
    int quarterUp = Math.ceilDiv(replicas, 4);
    int surge =
        update == null ? quarterUp : IntOrPercent.up(update.getMaxSurge(), replicas, quarterUp);
    int unavailable =
        update == null
            ? replicas / 4
            : IntOrPercent.down(update.getMaxUnavailable(), replicas, replicas / 4);
    if (surge == 0 && unavailable == 0) {
      // Percentages of few pods may both round to nothing; something has to move.
      unavailable = 1;
    }
    return new Bounds(surge, Math.min(unavailable, replicas));
  }

  /** How many pods may at most be missing from the available ones; 0 when none are wanted. */
  static int maxUnavailable(Deployment deployment) {
    return rolling(deployment) && replicas(deployment) > 0 ? bounds(deployment).unavailable() : 0;
  }

  /** The size that the set of the current template may grow to now. */
  static int grown(Deployment deployment, Collection<ReplicaSet> all, int current) {
    int wanted = replicas(deployment);
    if (!rolling(deployment)) {
      return wanted;
    }
    if (!all.stream().allMatch(RolloutMath::heeded)) {
      return current;
    }
    int taken = all.stream().mapToInt(RolloutMath::takes).sum();
    int room = wanted + bounds(deployment).surge() - taken;
    return room <= 0 ? current : current + Math.min(room, wanted - current);
  }

  /** A set and the size it should have. */
  record Sized(ReplicaSet set, int replicas) {}

  /**
   * Spreads a change of the wanted number over several active sets in proportion to their sizes,
   * the rounding's rest going to the biggest.
   */
  static List<Sized> proportional(Deployment deployment, Collection<ReplicaSet> active) {
    int wanted = replicas(deployment);
    int surge = bounds(deployment).surge();
    int allowed = wanted > 0 ? wanted + surge : 0;
    int change = allowed - replicas(active);
    Comparator<ReplicaSet> bySize =
        Comparator.comparingInt((ReplicaSet set) -> replicas(set)).reversed();
    Comparator<ReplicaSet> byAge = Comparator.comparing(Meta::created);
    List<ReplicaSet> order =
        active.stream()
            .sorted(bySize.thenComparing(change > 0 ? byAge.reversed() : byAge))
            .toList();
    var sizes = new ArrayList<Sized>();
    int spread = 0;
    for (ReplicaSet set : order) {
      int share = share(set, deployment, wanted + surge, change, spread);
      spread += share;
      sizes.add(new Sized(set, replicas(set) + share));
    }
    if (!sizes.isEmpty() && change != spread) {
      Sized biggest = sizes.getFirst();
      sizes.set(0, new Sized(biggest.set(), Math.max(0, biggest.replicas() + change - spread)));
    }
    return sizes;
  }

  private static int share(
      ReplicaSet set, Deployment deployment, int maximum, int change, int spread) {
    if (replicas(set) == 0 || change == 0 || change == spread) {
      return 0;
    }
    int left = change - spread;
    int fraction = fraction(set, deployment, maximum);
    return change > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
  }

  private static int fraction(ReplicaSet set, Deployment deployment, int maximum) {
    int size = replicas(set);
    if (replicas(deployment) == 0) {
      return -size;
    }
    int before;
    try {
      before = Integer.parseInt(Meta.annotations(set).getOrDefault(Revisions.MAXIMUM, ""));
    } catch (NumberFormatException neverSaid) {
      before =
          deployment.getStatus() == null ? 0 : Meta.number(deployment.getStatus().getReplicas(), 0);
    }
    return before == 0 ? 0 : (int) Math.round((double) size * maximum / before) - size;
  }
}
