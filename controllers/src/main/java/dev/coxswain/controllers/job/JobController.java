package dev.coxswain.controllers.job;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Claims;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Finalizers;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.PodDeletion;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.controllers.object.SlowStart;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** Runs a Job's pods until enough have ended well, or too many badly. */
public final class JobController implements Reconciler<Job> {
  /** Pods that wait to be counted, by the Job that made them. */
  private static final String TRACKED = "tracked by job";

  private static final String SELF = "kubernetes.io/job-controller";

  @Override
  public String name() {
    return "job-controller";
  }

  @Override
  public Watches<Job> watches() {
    return Watches.of(Job.class)
        .claimed(
            Pod.class,
            (job, pod) -> Selectors.matches(job.getSpec().getSelector(), Meta.labels(pod)))
        .on(Pod.class, (change, view) -> JobPods.maker(change.latest()).stream().toList())
        .index(
            Pod.class,
            TRACKED,
            pod -> JobPods.maker(pod).stream().map(ObjectKey::toString).toList());
  }

  @Override
  public Outcome reconcile(Job wanted, View view, Actions act) {
    if (!Meta.text(wanted.getSpec().getManagedBy()).isEmpty()
        && !wanted.getSpec().getManagedBy().equals(SELF)) {
      return Outcome.done();
    }
    LabelSelector selector = Selectors.of(wanted.getSpec().getSelector());
    releaseStrays(
        Meta.key(wanted),
        pod ->
            Owners.controls(wanted, pod)
                || (Owners.controller(pod).isEmpty() && selector.matches(Meta.labels(pod))),
        view,
        act);
    List<Pod> pods =
        Claims.of(Pod.class, wanted, selector)
            .finalizer(JobPods.FINALIZER)
            .claim(view, act)
            .stream()
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
    Tally tally = Tally.of(wanted, pods);
    List<Pod> active = pods.stream().filter(Pods::active).toList();
    Optional<JobEnds.End> end = JobEnds.decide(wanted, tally, pods, view.now());
    Outcome outcome = Outcome.done();
    List<RuntimeException> failures;
    List<Pod> left = List.of();
    if (end.isPresent()) {
      failures = end.get().success() ? stop(wanted, active, act) : delete(wanted, active, act);
    } else if (JobStatuses.suspended(wanted)) {
      failures = stop(wanted, active, act);
    } else {
      Workforce plan = Workforce.of(wanted, tally, pods, view.now());
      failures =
          plan.surplus().isEmpty()
              ? SlowStart.run(creations(wanted, tally, plan, act), act)
              : stop(wanted, plan.surplus(), act);
      left = active.stream().filter(pod -> !plan.surplus().contains(pod)).toList();
      outcome = plan.pause().isPositive() ? Outcome.again(plan.pause()) : Outcome.done();
      outcome = outcome.orSooner(untilDeadline(wanted, view.now()));
    }
    JobStatuses.update(wanted, tally, pods, left, end, view.now(), act);
    release(pods.stream().filter(tally::settles).toList(), act);
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
    return outcome;
  }

  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    releaseStrays(key, pod -> false, view, act);
    return Outcome.done();
  }

  /** Lets pods go that nobody will count any more. */
  private static void releaseStrays(ObjectKey key, Predicate<Pod> wanted, View view, Actions act) {
    release(
        view.by(Pod.class, TRACKED, key.toString()).stream().filter(wanted.negate()).toList(), act);
  }

  /** Lets pods go that are counted, or need not be. */
  private static void release(Collection<Pod> pods, Actions act) {
    pods.forEach(pod -> Finalizers.remove(pod, JobPods.FINALIZER, act));
  }

  private static boolean over(Pod pod) {
    return Pods.finished(pod) || Meta.deleting(pod);
  }

  private static Outcome untilDeadline(Job job, Instant now) {
    Long seconds = job.getSpec().getActiveDeadlineSeconds();
    if (seconds == null) {
      return Outcome.done();
    }
    Instant end = JobEnds.deadline(job).orElseGet(() -> now.plusSeconds(seconds));
    return Outcome.again(Duration.between(now, end));
  }

  private static List<Runnable> creations(Job job, Tally tally, Workforce plan, Actions act) {
    var creations = new ArrayList<Runnable>();
    for (OptionalInt index : plan.indexes()) {
      creations.add(() -> create(job, tally, index, act));
    }
    return creations;
  }

  private static void create(Job job, Tally tally, OptionalInt index, Actions act) {
    String name = act.generateName(JobPods.namePrefix(job, index));
    try {
      act.create(JobPods.create(job, index, name, tally));
    } catch (RuntimeException refused) {
      act.warning(job, "FailedCreate", "Error creating: " + refused.getMessage());
      throw refused;
    }
    act.normal(job, "SuccessfulCreate", "Created pod: " + name);
  }

  /** Deletes pods that have not failed and are not wanted any more. */
  private static List<RuntimeException> stop(Job job, Collection<Pod> pods, Actions act) {
    release(pods, act);
    return delete(job, pods, act);
  }

  private static List<RuntimeException> delete(Job job, Collection<Pod> pods, Actions act) {
    return act.together(
        pods.stream().<Runnable>map(pod -> () -> PodDeletion.delete(job, pod, act)).toList());
  }
}
