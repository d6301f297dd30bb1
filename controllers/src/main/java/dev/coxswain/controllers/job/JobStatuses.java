package dev.coxswain.controllers.job;

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

  /** How a Job ends. First it is decided; it is over when no pod is left to count. */
  enum End {
    COMPLETE(
        "SuccessCriteriaMet",
        "Complete",
        "CompletionsReached",
        "Reached expected number of succeeded pods"),
    BACKOFF(
        "FailureTarget",
        "Failed",
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit"),
    DEADLINE(
        "FailureTarget",
        "Failed",
        "DeadlineExceeded",
        "Job was active longer than specified deadline");

    private final String decision;
    private final String over;
    private final String reason;
    private final String message;

    End(String decision, String over, String reason, String message) {
      this.decision = decision;
      this.over = over;
      this.reason = reason;
      this.message = message;
    }
  }

  private JobStatuses() {}

  static boolean finished(Job job) {
    return is(job, "Complete") || is(job, "Failed");
  }

  /** The end that was decided earlier. */
  static Optional<End> decided(Job job) {
    for (JobCondition condition : conditions(job)) {
      for (End end : End.values()) {
        if (end.decision.equals(condition.getType())
            && end.reason.equals(condition.getReason())
            && "True".equals(condition.getStatus())) {
          return Optional.of(end);
        }
      }
    }
    return Optional.empty();
  }

  /** Writes the status if it changed, and tells people when the Job is over. */
  static void update(
      Job job,
      Tally tally,
      List<Pod> pods,
      int active,
      Optional<End> end,
      Instant now,
      Actions act) {
    JobStatus before = job.getStatus() == null ? new JobStatus() : job.getStatus();
    boolean suspended = Boolean.TRUE.equals(job.getSpec().getSuspend());
    long terminating =
        pods.stream().filter(pod -> Meta.deleting(pod) && !Pods.finished(pod)).count();
    long ready = pods.stream().filter(pod -> Pods.active(pod) && Pods.ready(pod)).count();
    boolean anyActive = pods.stream().anyMatch(Pods::active);
    boolean over = end.isPresent() && !anyActive && terminating == 0 && tally.settled();
    String at = Meta.timestamp(now);

    var conditions = new ArrayList<>(conditions(job));
    end.ifPresent(decided -> {
      set(conditions, decided.decision, "True", decided.reason, decided.message, at);
      if (over) {
        set(conditions, decided.over, "True", decided.reason, decided.message, at);
      }
    });
    if (end.isEmpty()) {
      noteSuspension(job, suspended, conditions, at, act);
    }
    JobStatus status =
        new JobStatusBuilder(before)
            .withActive(positive(active))
            .withReady(Math.toIntExact(ready))
            .withTerminating(Math.toIntExact(terminating))
            .withSucceeded(positive(tally.succeeded()))
            .withFailed(positive(tally.failed()))
            .withCompletedIndexes(
                JobPods.indexed(job) ? orAbsent(Indexes.format(tally.completed())) : null)
            .withUncountedTerminatedPods(
                new UncountedTerminatedPodsBuilder()
                    .withSucceeded(JobPods.indexed(job) ? List.of() : tally.notedSucceeded())
                    .withFailed(tally.notedFailed())
                    .build())
            .withConditions(conditions)
            .withStartTime(
                suspended ? null : before.getStartTime() == null ? at : before.getStartTime())
            .build();
    if (over && end.get() == End.COMPLETE) {
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
    switch (end) {
      case COMPLETE -> act.normal(job, "Completed", "Job completed");
      case BACKOFF, DEADLINE -> act.warning(job, end.reason, end.message);
    }
  }

  private static void noteSuspension(
      Job job, boolean suspended, List<JobCondition> conditions, String at, Actions act) {
    boolean noted = is(job, "Suspended");
    if (suspended && !noted) {
      set(conditions, "Suspended", "True", "JobSuspended", "Job suspended", at);
      act.normal(job, "Suspended", "Job suspended");
    } else if (!suspended && noted) {
      set(conditions, "Suspended", "False", "JobResumed", "Job resumed", at);
      act.normal(job, "Resumed", "Job resumed");
    }
  }

  private static boolean is(Job job, String type) {
    return conditions(job).stream()
        .anyMatch(
            condition -> condition.getType().equals(type) && "True".equals(condition.getStatus()));
  }

  private static List<JobCondition> conditions(Job job) {
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
