package dev.coxswain.controllers.job;

import dev.coxswain.controllers.job.JobEnds.End;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPodsBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a Job's status says, and how it comes to its end. */
final class JobStatuses {

  private JobStatuses() {}

  static boolean finished(Job job) {
    return is(job, "Complete") || is(job, "Failed");
  }

  static boolean suspended(Job job) {
    return Boolean.TRUE.equals(job.getSpec().getSuspend());
  }

  /**
   * Writes the status if it changed, and tells people when the Job is over.
   *
   * @param left the pods that are to go on working
   */
  static void update(
      Job job,
      Tally tally,
      List<Pod> pods,
      List<Pod> left,
      Optional<End> end,
      Instant now,
      Actions act) {
    JobStatus before = job.getStatus() == null ? new JobStatus() : job.getStatus();
    int terminating = Workforce.terminating(pods).size();
    long ready = left.stream().filter(Pods::ready).count();
    boolean anyActive = pods.stream().anyMatch(Pods::active);
    boolean over = end.isPresent() && !anyActive && terminating == 0 && tally.settled(job);
    String at = Meta.timestamp(now);

    var conditions = new ArrayList<>(conditions(job));
    end.ifPresent(decided -> {
      set(conditions, decided.decision(), "True", decided.reason(), decided.message(), at);
      if (over) {
        set(conditions, decided.over(), "True", decided.reason(), decided.message(), at);
      }
    });
    boolean resumed = end.isEmpty() && noteSuspension(job, conditions, at, act);
    JobStatus status =
        new JobStatusBuilder(before)
            .withActive(positive(left.size()))
            .withReady(Math.toIntExact(ready))
            .withTerminating(terminating)
            .withSucceeded(positive(tally.succeeded()))
            .withFailed(positive(tally.failed()))
            .withCompletedIndexes(
                JobPods.indexed(job) ? orAbsent(Indexes.format(tally.completed())) : null)
            .withFailedIndexes(
                job.getSpec().getBackoffLimitPerIndex() == null
                    ? null
                    : Indexes.format(tally.failedIndexes()))
            .withUncountedTerminatedPods(
                new UncountedTerminatedPodsBuilder()
                    .withSucceeded(JobPods.indexed(job) ? List.of() : tally.notedSucceeded())
                    .withFailed(tally.notedFailed())
                    .build())
            .withConditions(conditions)
            .withStartTime(
                resumed || (before.getStartTime() == null && !suspended(job))
                    ? at
                    : before.getStartTime())
            .build();
    if (over && end.get().success()) {
      status.setCompletionTime(at);
    }
    if (!status.equals(job.getStatus())) {
      act.updateStatus(new JobBuilder(job).withStatus(status).build());
      if (over) {
        tell(job, end.get(), act);
      }
    }
  }

  private static void tell(Job job, End end, Actions act) {
    if (end.success()) {
      act.normal(job, "Completed", "Job completed");
    } else {
      act.warning(job, end.reason(), end.message());
    }
  }

  /** Whether it goes on after having been suspended: its time is then counted anew. */
  private static boolean noteSuspension(
      Job job, List<JobCondition> conditions, String at, Actions act) {
    boolean noted = is(job, "Suspended");
    if (suspended(job) && !noted) {
      set(conditions, "Suspended", "True", "JobSuspended", "Job suspended", at);
      act.normal(job, "Suspended", "Job suspended");
    } else if (!suspended(job) && noted) {
      set(conditions, "Suspended", "False", "JobResumed", "Job resumed", at);
      act.normal(job, "Resumed", "Job resumed");
      return true;
    }
    return false;
  }

  static boolean is(Job job, String type) {
    return conditions(job).stream()
        .anyMatch(
            condition -> condition.getType().equals(type) && "True".equals(condition.getStatus()));
  }

  static List<JobCondition> conditions(Job job) {
    return job.getStatus() == null ? List.of() : Meta.list(job.getStatus().getConditions());
  }

  private static void set(
      List<JobCondition> conditions,
      String type,
      String status,
      String reason,
      String message,
      String at) {
    boolean same =
        conditions.stream()
            .anyMatch(condition ->
                condition.getType().equals(type) && condition.getStatus().equals(status));
    if (!same) {
      conditions.removeIf(condition -> condition.getType().equals(type));
      conditions.add(
          new JobConditionBuilder()
              .withType(type)
              .withStatus(status)
              .withReason(reason)
              .withMessage(message)
              .withLastProbeTime(at)
              .withLastTransitionTime(at)
              .build());
    }
  }

  /** A count as the API serializes it: absent when it is nothing. */
  private static @Nullable Integer positive(int count) {
    return count == 0 ? null : count;
  }

  private static @Nullable String orAbsent(String text) {
    return text.isEmpty() ? null : text;
  }
}
