package dev.coxswain.controllers.cronjob;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.DeleteOptions.Propagation;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The Jobs of one CronJob, and the list of those that run which its status keeps. */
final class Children {
  private final CronJob owner;
  private final List<Job> jobs;
  private final List<ObjectReference> active;

  Children(CronJob owner, List<Job> jobs) {
    this.owner = owner;
    this.jobs = new ArrayList<>(jobs);
    this.active =
        new ArrayList<>(
            owner.getStatus() == null ? List.of() : Meta.list(owner.getStatus().getActive()));
  }

  /** What runs, as the status is to say it. */
  List<ObjectReference> active() {
    return List.copyOf(active);
  }

  /** A Job of this name. */
  Optional<Job> named(String name) {
    return jobs.stream().filter(job -> Meta.name(job).equals(name)).findFirst();
  }

  /** Brings the list of those that run up to date with what there is, and tells what changed. */
  void refresh(String expected, Actions act) {
    for (Job job : jobs) {
      Optional<String> end = end(job);
      if (end.isPresent() && forget(Meta.uid(job))) {
        act.normal(
            owner,
            "SawCompletedJob",
            "Saw completed job: " + Meta.name(job) + ", condition: " + end.get());
      } else if (end.isEmpty() && !listed(Meta.uid(job)) && !Meta.name(job).equals(expected)) {
        act.warning(
            owner,
            "UnexpectedJob",
            "Saw a job that the controller did not create or forgot: " + Meta.name(job));
      }
    }
    for (ObjectReference reference : active()) {
      boolean known = jobs.stream().anyMatch(job -> Meta.uid(job).equals(reference.getUid()));
      if (!known
          && act.live(Job.class, new ObjectKey(Meta.namespace(owner), reference.getName()))
              .filter(job -> Meta.uid(job).equals(reference.getUid()))
              .isEmpty()) {
        act.normal(owner, "MissingJob", "Active job went missing: " + reference.getName());
        forget(reference.getUid());
      }
    }
  }

  /** When the last one that ended well did so. */
  Optional<Instant> lastSuccess() {
    return jobs.stream()
        .filter(job -> end(job).filter("Complete"::equals).isPresent())
        .flatMap(job -> Meta.time(job.getStatus().getCompletionTime()).stream())
        .max(Instant::compareTo);
  }

  /** Deletes the oldest of those that ended, beyond what is to be kept of either end. */
  void truncate(Actions act) {
    truncate("Complete", owner.getSpec().getSuccessfulJobsHistoryLimit(), act);
    truncate("Failed", owner.getSpec().getFailedJobsHistoryLimit(), act);
  }

  /** Deletes all that run. */
  void replace(Actions act) {
    for (ObjectReference reference : active()) {
      Optional<Job> job = named(Meta.text(reference.getName()));
      if (job.isPresent()) {
        delete(job.get(), act);
      } else {
        forget(reference.getUid());
      }
    }
  }

  void add(Job job) {
    if (!listed(Meta.uid(job))) {
      active.add(
          new ObjectReferenceBuilder()
              .withApiVersion(job.getApiVersion())
              .withKind(job.getKind())
              .withNamespace(Meta.namespace(job))
              .withName(Meta.name(job))
              .withUid(Meta.uid(job))
              .withResourceVersion(job.getMetadata().getResourceVersion())
              .build());
    }
  }

  private void truncate(String wanted, @Nullable Integer limit, Actions act) {
    if (limit == null) {
      return;
    }
    List<Job> ended =
        jobs.stream()
            .filter(job -> !Meta.deleting(job) && end(job).filter(wanted::equals).isPresent())
            .sorted(
                Comparator.comparing(
                        (Job job) -> Meta.time(job.getStatus().getStartTime()).orElse(Instant.MAX))
                    .thenComparing(Meta::name))
            .toList();
    ended.stream().limit(Math.max(0, ended.size() - limit)).forEach(job -> delete(job, act));
  }

  private void delete(Job job, Actions act) {
    try {
      act.delete(job, new DeleteOptions(null, Meta.uid(job), null, Propagation.BACKGROUND));
    } catch (RuntimeException refused) {
      act.warning(owner, "FailedDelete", "Deleted job: " + refused.getMessage());
      throw refused;
    }
    forget(Meta.uid(job));
    jobs.remove(job);
    act.normal(owner, "SuccessfulDelete", "Deleted job " + Meta.name(job));
  }

  private boolean listed(String uid) {
    return active.stream().anyMatch(reference -> uid.equals(reference.getUid()));
  }

  private boolean forget(String uid) {
    return active.removeIf(reference -> uid.equals(reference.getUid()));
  }

  /** The condition by which a Job ended. */
  private static Optional<String> end(Job job) {
    return job.getStatus() == null
        ? Optional.empty()
        : Meta.list(job.getStatus().getConditions()).stream()
            .filter(condition -> "True".equals(condition.getStatus()))
            .map(JobCondition::getType)
            .filter(type -> type.equals("Complete") || type.equals("Failed"))
            .findFirst();
  }
}
