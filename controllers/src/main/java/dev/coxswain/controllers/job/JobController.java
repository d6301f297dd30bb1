package dev.coxswain.controllers.job;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.DeletionRank;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.SlowStart;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/** Runs a Job's pods until enough have ended well, or too many badly. */
public final class JobController implements Reconciler<Job> {
  private static final int DEFAULT_BACKOFF_LIMIT = 6;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  @Override
  public String name() {
    return "job-controller";
  }

  @Override
  public Watches<Job> watches() {
    return Watches.of(Job.class).owned(Pod.class);
  }

  @Override
  public Outcome reconcile(Job wanted, View view, Actions act) {
    List<Pod> pods =
        view.controlledBy(Pod.class, Meta.uid(wanted)).stream()
            .sorted(Comparator.comparing(Meta::name))
            .toList();
    if (Meta.deleting(wanted)) {
      release(pods, act);
      return Outcome.done();
    }
    if (JobStatuses.finished(wanted)) {
      release(pods.stream().filter(JobController::over).toList(), act);
      return Outcome.done();
    }
    List<Pod> active = pods.stream().filter(Pods::active).toList();
    Tally tally = Tally.of(wanted, pods);
    Optional<JobStatuses.End> end = end(wanted, tally, active, view.now());
    boolean suspended = Boolean.TRUE.equals(wanted.getSpec().getSuspend());

    Outcome outcome = Outcome.done();
    List<RuntimeException> failures = List.of();
    List<Pod> left = active;
    if (end.isPresent() || suspended) {
      if (end.isEmpty()) {
        // What is stopped for a pause has not failed.
        release(active, act);
      }
      failures = delete(wanted, active, act);
      left = List.of();
    } else {
      Duration pause = pause(tally, pods, view.now());
      failures = adjust(wanted, tally, active, pause, view, act);
      outcome = pause.isPositive() ? Outcome.again(pause) : Outcome.done();
      outcome = outcome.orSooner(untilDeadline(wanted, view.now()));
    }
    JobStatuses.update(wanted, tally, pods, left.size(), end, view.now(), act);
    release(pods.stream().filter(tally::notes).toList(), act);
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
    return outcome;
  }

  /** Lets pods go that are counted, or need not be. */
  private static void release(Collection<Pod> pods, Actions act) {
    for (Pod pod : pods) {
      if (JobPods.tracked(pod)) {
        var patch = Json.object();
        patch
            .putObject("metadata")
            .put("uid", Meta.uid(pod))
            .put("resourceVersion", pod.getMetadata().getResourceVersion())
            .set(
                "finalizers",
                Json.mapper()
                    .valueToTree(
                        Meta.finalizers(pod).stream()
                            .filter(name -> !name.equals(JobPods.FINALIZER))
                            .toList()));
        try {
          act.patch(pod, new Patch.Merge(patch.toString()));
        } catch (ApiException refused) {
          if (!refused.is(StatusReason.NOT_FOUND)) {
            throw refused;
          }
        }
      }
    }
  }

  private static boolean over(Pod pod) {
    return JobPods.succeeded(pod) || JobPods.failed(pod);
  }

  private static Optional<JobStatuses.End> end(
      Job job, Tally tally, List<Pod> active, Instant now) {
    Optional<JobStatuses.End> decided = JobStatuses.decided(job);
    if (decided.isPresent()) {
      return decided;
    }
    Integer completions = job.getSpec().getCompletions();
    boolean complete =
        completions == null
            ? tally.allSucceeded(job) > 0 && active.isEmpty()
            : tally.allSucceeded(job) >= completions;
    if (complete) {
      return Optional.of(JobStatuses.End.COMPLETE);
    }
    int limit = Meta.number(job.getSpec().getBackoffLimit(), DEFAULT_BACKOFF_LIMIT);
    if (tally.allFailed() > limit || restarts(job, active) > limit) {
      return Optional.of(JobStatuses.End.BACKOFF);
    }
    return deadline(job).filter(time -> !time.isAfter(now)).map(time -> JobStatuses.End.DEADLINE);
  }

  /** Restarts in place count as failures where the pods restart in place. */
  private static int restarts(Job job, List<Pod> active) {
    if (!"OnFailure".equals(job.getSpec().getTemplate().getSpec().getRestartPolicy())) {
      return 0;
    }
    return active.stream()
        .filter(pod -> pod.getStatus() != null)
        .flatMap(pod -> Meta.list(pod.getStatus().getContainerStatuses()).stream())
        .mapToInt(container -> Meta.number(container.getRestartCount(), 0))
        .sum();
  }

  private static Optional<Instant> deadline(Job job) {
    Long seconds = job.getSpec().getActiveDeadlineSeconds();
    if (seconds == null || job.getStatus() == null) {
      return Optional.empty();
    }
    return Meta.time(job.getStatus().getStartTime()).map(start -> start.plusSeconds(seconds));
  }

  private static Outcome untilDeadline(Job job, Instant now) {
    Long seconds = job.getSpec().getActiveDeadlineSeconds();
    if (seconds == null) {
      return Outcome.done();
    }
    Instant end = deadline(job).orElseGet(() -> now.plusSeconds(seconds));
    return Outcome.again(Duration.between(now, end));
  }

  /** How long the next pod is held back: longer with each failure since the last success. */
  private static Duration pause(Tally tally, List<Pod> pods, Instant now) {
    if (tally.allFailed() == 0) {
      return Duration.ZERO;
    }
    Instant lastSuccess =
        pods.stream()
            .filter(JobPods::succeeded)
            .map(JobPods::ended)
            .max(Instant::compareTo)
            .orElse(Instant.MIN);
    List<Instant> failures =
        pods.stream()
            .filter(JobPods::failed)
            .map(JobPods::ended)
            .filter(time -> time.isAfter(lastSuccess))
            .sorted()
            .toList();
    if (failures.isEmpty()) {
      return Duration.ZERO;
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures.size() - 1, 20));
    Instant until =
        failures.getLast().plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    Duration left = Duration.between(now, until);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private static List<RuntimeException> adjust(
      Job job, Tally tally, List<Pod> active, Duration pause, View view, Actions act) {
    int wanted = wanted(job, tally, active.size());
    if (active.size() > wanted) {
      List<Pod> surplus = DeletionRank.first(active.size() - wanted, active, Map.of(), view.now());
      release(surplus, act);
      return delete(job, surplus, act);
    }
    if (pause.isPositive()) {
      return List.of();
    }
    var creations = new ArrayList<Runnable>();
    for (OptionalInt index : next(job, tally, active, wanted - active.size())) {
      creations.add(() -> create(job, index, act));
    }
    return SlowStart.run(creations, act);
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

  private static List<OptionalInt> next(Job job, Tally tally, List<Pod> active, int count) {
    var next = new ArrayList<OptionalInt>();
    if (!JobPods.indexed(job)) {
      for (int i = 0; i < count; i++) {
        next.add(OptionalInt.empty());
      }
      return next;
    }
    var taken = new TreeSet<>(tally.completed());
    active.forEach(pod -> JobPods.index(pod).ifPresent(taken::add));
    int completions = Meta.number(job.getSpec().getCompletions(), 0);
    for (int index = 0; index < completions && next.size() < count; index++) {
      if (!taken.contains(index)) {
        next.add(OptionalInt.of(index));
      }
    }
    return next;
  }

  private static void create(Job job, OptionalInt index, Actions act) {
    String prefix = Meta.name(job) + "-" + (index.isPresent() ? index.getAsInt() + "-" : "");
    String name = act.generateName(prefix);
    try {
      act.create(JobPods.create(job, index, name));
    } catch (RuntimeException refused) {
      act.warning(job, "FailedCreate", "Error creating: " + refused.getMessage());
      throw refused;
    }
    act.normal(job, "SuccessfulCreate", "Created pod: " + name);
  }

  private static List<RuntimeException> delete(Job job, Collection<Pod> pods, Actions act) {
    return act.together(
        pods.stream()
            .<Runnable>map(pod ->
                () -> {
                  act.delete(pod);
                  act.normal(job, "SuccessfulDelete", "Deleted pod: " + Meta.name(pod));
                })
            .toList());
  }
}
