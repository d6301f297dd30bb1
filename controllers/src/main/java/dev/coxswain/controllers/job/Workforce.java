package dev.coxswain.controllers.job;

import dev.coxswain.controllers.object.DeletionRank;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * Which pods a running Job lacks and which it has too many of.
 *
 * @param surplus those to delete
 * @param indexes one entry for each to create: the index it is to work on, empty without indexes
 * @param pause how long to wait before others may be created; zero where none are held back
 */
record Workforce(List<Pod> surplus, List<OptionalInt> indexes, Duration pause) {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  static Workforce of(Job job, Tally tally, List<Pod> pods, Instant now) {
    List<Pod> active = pods.stream().filter(Pods::active).toList();
    int wanted = wanted(job, tally, active.size());
    List<Pod> surplus = surplus(job, active, active.size() - wanted, now);
    if (!surplus.isEmpty()) {
      return new Workforce(surplus, List.of(), Duration.ZERO);
    }
    int missing =
        wanted - active.size() - (JobPods.replacesOnlyFailed(job) ? terminating(pods).size() : 0);
    if (missing <= 0) {
      return new Workforce(List.of(), List.of(), Duration.ZERO);
    }
    if (job.getSpec().getBackoffLimitPerIndex() != null) {
      return independent(job, tally, pods, missing, now);
    }
    Duration pause = pause(job, pods, now);
    if (pause.isPositive()) {
      return new Workforce(List.of(), List.of(), pause);
    }
    var next = new ArrayList<OptionalInt>();
    if (JobPods.indexed(job)) {
      pending(job, tally, pods).stream()
          .limit(missing)
          .forEach(index -> next.add(OptionalInt.of(index)));
    } else {
      for (int i = 0; i < missing; i++) {
        next.add(OptionalInt.empty());
      }
    }
    return new Workforce(List.of(), next, Duration.ZERO);
  }

  /** Pods that were told to end and have not ended. */
  static List<Pod> terminating(List<Pod> pods) {
    return pods.stream().filter(pod -> Meta.deleting(pod) && !Pods.finished(pod)).toList();
  }

  private static int wanted(Job job, Tally tally, int active) {
    int parallelism = Meta.number(job.getSpec().getParallelism(), 1);
    Integer completions = job.getSpec().getCompletions();
    if (completions == null) {
      // A work queue: once one has found nothing left to do, no other is started.
      return tally.allSucceeded(job) > 0 ? Math.min(active, parallelism) : parallelism;
    }
    return Math.max(0, Math.min(parallelism, completions - tally.allSucceeded(job)));
  }

  /** Those with an index that nobody wants or that another has too, then the cheapest. */
  private static List<Pod> surplus(Job job, List<Pod> active, int atLeast, Instant now) {
    List<Pod> ranked = active.stream().sorted(DeletionRank.order(Map.of(), now)).toList();
    var surplus = new LinkedHashSet<Pod>();
    if (JobPods.indexed(job)) {
      var kept = new HashMap<Integer, Pod>();
      for (Pod pod : ranked.reversed()) {
        OptionalInt index = JobPods.index(pod);
        if (index.isEmpty()
            || index.getAsInt() >= JobPods.completions(job)
            || kept.putIfAbsent(index.getAsInt(), pod) != null) {
          surplus.add(pod);
        }
      }
    }
    for (Pod pod : ranked) {
      if (surplus.size() >= atLeast) {
        break;
      }
      surplus.add(pod);
    }
    return List.copyOf(surplus);
  }

  /** The indexes that nobody works on and that are neither done nor given up. */
  private static List<Integer> pending(Job job, Tally tally, List<Pod> pods) {
    var taken = new TreeSet<>(tally.completed());
    taken.addAll(tally.failedIndexes());
    for (Pod pod : pods) {
      if (Pods.active(pod)
          || (JobPods.replacesOnlyFailed(job) && Meta.deleting(pod) && !Pods.finished(pod))) {
        JobPods.index(pod).ifPresent(taken::add);
      }
    }
    var pending = new ArrayList<Integer>();
    for (int index = 0; index < JobPods.completions(job); index++) {
      if (!taken.contains(index)) {
        pending.add(index);
      }
    }
    return pending;
  }

  /** Where each index has its own limit, it has its own pause, too. */
  private static Workforce independent(
      Job job, Tally tally, List<Pod> pods, int missing, Instant now) {
    var next = new ArrayList<OptionalInt>();
    Optional<Duration> shortest = Optional.empty();
    for (int index : pending(job, tally, pods)) {
      Pod last = tally.lastFailures().get(index);
      Duration pause =
          last == null
              ? Duration.ZERO
              : left(JobPods.failures(last).all() + 1, JobPods.ended(last), now);
      if (pause.isPositive()) {
        shortest = Optional.of(shortest.filter(d -> d.compareTo(pause) <= 0).orElse(pause));
      } else if (next.size() < missing) {
        next.add(OptionalInt.of(index));
      }
    }
    return new Workforce(List.of(), next, shortest.orElse(Duration.ZERO));
  }

  /** How long the next pod is held back: longer with each failure since the last success. */
  private static Duration pause(Job job, List<Pod> pods, Instant now) {
    Instant lastSuccess =
        pods.stream()
            .filter(Pods::succeeded)
            .map(JobPods::ended)
            .max(Instant::compareTo)
            .orElse(Instant.MIN);
    // One that is going without its finalizer was stopped by the Job itself.
    List<Instant> failures =
        pods.stream()
            .filter(pod -> JobPods.failed(job, pod))
            .filter(pod -> JobPods.tracked(pod) || !Meta.deleting(pod))
            .map(JobPods::ended)
            .filter(time -> time.isAfter(lastSuccess))
            .sorted()
            .toList();
    return failures.isEmpty() ? Duration.ZERO : left(failures.size(), failures.getLast(), now);
  }

  private static Duration left(int failures, Instant last, Instant now) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 20));
    Instant until = last.plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    Duration left = Duration.between(now, until);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
