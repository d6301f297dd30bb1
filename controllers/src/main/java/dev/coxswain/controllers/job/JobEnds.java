package dev.coxswain.controllers.job;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.SuccessPolicyRule;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Whether and why a Job ends. First it is decided; it is over when no pod is left to count. */
final class JobEnds {
  private static final int DEFAULT_BACKOFF_LIMIT = 6;

  private JobEnds() {}

  /** How a Job ends, as its conditions say it. */
  record End(boolean success, String reason, String message) {
    /** The condition that says that it is decided. */
    String decision() {
      return success ? "SuccessCriteriaMet" : "FailureTarget";
    }

    /** The condition that says that it is over. */
    String over() {
      return success ? "Complete" : "Failed";
    }
  }

  /** The end that was decided earlier. */
  static Optional<End> decided(Job job) {
    return JobStatuses.conditions(job).stream()
        .filter(condition -> "True".equals(condition.getStatus()))
        .filter(condition ->
            condition.getType().equals("SuccessCriteriaMet")
                || condition.getType().equals("FailureTarget"))
        .map(condition ->
            new End(
                condition.getType().equals("SuccessCriteriaMet"),
                Meta.text(condition.getReason()),
                Meta.text(condition.getMessage())))
        .findFirst();
  }

  /** The end that was decided earlier or is to be decided now. */
  static Optional<End> decide(Job job, Tally tally, List<Pod> pods, Instant now) {
    return decided(job)
        .or(() -> byFailurePolicy(job, pods))
        .or(() -> byLimits(job, tally, pods, now))
        .or(() -> byIndexes(job, tally))
        .or(() -> bySuccessPolicy(job, tally))
        .or(() -> byCompletions(job, tally, pods));
  }

  /**
   * When a Job that runs has run for too long. One that goes on after a pause begins anew: it has
   * no start until its status no longer tells of the pause.
   */
  static Optional<Instant> deadline(Job job) {
    Long seconds = job.getSpec().getActiveDeadlineSeconds();
    return seconds == null || job.getStatus() == null || JobStatuses.is(job, "Suspended")
        ? Optional.empty()
        : Meta.time(job.getStatus().getStartTime()).map(start -> start.plusSeconds(seconds));
  }

  private static Optional<End> byFailurePolicy(Job job, List<Pod> pods) {
    return pods.stream()
        .filter(pod -> JobPods.failed(job, pod))
        .flatMap(pod ->
            FailurePolicy.verdict(job, pod) instanceof FailurePolicy.Verdict.FailsJob(String why)
                ? Stream.of(new End(false, "PodFailurePolicy", why))
                : Stream.empty())
        .findFirst();
  }

  private static Optional<End> byLimits(Job job, Tally tally, List<Pod> pods, Instant now) {
    int limit = Meta.number(job.getSpec().getBackoffLimit(), DEFAULT_BACKOFF_LIMIT);
    if (tally.allFailed(job) > limit || restartedTooOften(job, pods, limit)) {
      return Optional.of(
          new End(false, "BackoffLimitExceeded", "Job has reached the specified backoff limit"));
    }
    boolean late = deadline(job).filter(time -> !time.isAfter(now)).isPresent();
    return late && !JobStatuses.suspended(job)
        ? Optional.of(
            new End(false, "DeadlineExceeded", "Job was active longer than specified deadline"))
        : Optional.empty();
  }

  /** Restarts in place count as failures where the pods restart in place. */
  private static boolean restartedTooOften(Job job, List<Pod> pods, int limit) {
    if (!"OnFailure".equals(job.getSpec().getTemplate().getSpec().getRestartPolicy())) {
      return false;
    }
    long restarts =
        pods.stream()
            .filter(pod -> pod.getStatus() != null && !Pods.finished(pod))
            .flatMap(pod ->
                Stream.concat(
                    Meta.list(pod.getStatus().getInitContainerStatuses()).stream(),
                    Meta.list(pod.getStatus().getContainerStatuses()).stream()))
            .mapToLong(container -> Meta.number(container.getRestartCount(), 0))
            .sum();
    return limit == 0 ? restarts > 0 : restarts >= limit;
  }

  private static Optional<End> byIndexes(Job job, Tally tally) {
    int failed = tally.failedIndexes().size();
    Integer most = job.getSpec().getMaxFailedIndexes();
    if (most != null && failed > most) {
      return Optional.of(
          new End(
              false,
              "MaxFailedIndexesExceeded",
              "Job has exceeded the specified maximal number of failed indexes"));
    }
    return failed > 0 && failed + tally.completed().size() >= JobPods.completions(job)
        ? Optional.of(new End(false, "FailedIndexes", "Job has failed indexes"))
        : Optional.empty();
  }

  private static Optional<End> bySuccessPolicy(Job job, Tally tally) {
    var policy = job.getSpec().getSuccessPolicy();
    if (policy == null || !JobPods.indexed(job)) {
      return Optional.empty();
    }
    List<SuccessPolicyRule> rules = Meta.list(policy.getRules());
    for (int i = 0; i < rules.size(); i++) {
      if (met(rules.get(i), job, tally.completed())) {
        return Optional.of(new End(true, "SuccessPolicy", "Matched rules at index " + i));
      }
    }
    return Optional.empty();
  }

  private static boolean met(SuccessPolicyRule rule, Job job, Set<Integer> completed) {
    Integer count = rule.getSucceededCount();
    if (rule.getSucceededIndexes() == null) {
      return count != null && completed.size() >= count;
    }
    Set<Integer> required = Indexes.parse(rule.getSucceededIndexes(), JobPods.completions(job));
    var done = new HashSet<>(completed);
    done.retainAll(required);
    return done.size() >= (count == null ? required.size() : count);
  }

  private static Optional<End> byCompletions(Job job, Tally tally, List<Pod> pods) {
    Integer completions = job.getSpec().getCompletions();
    int succeeded = tally.allSucceeded(job);
    boolean complete =
        completions == null
            ? succeeded > 0 && pods.stream().noneMatch(Pods::active)
            : succeeded >= completions;
    return complete
        ? Optional.of(
            new End(true, "CompletionsReached", "Reached expected number of succeeded pods"))
        : Optional.empty();
  }
}
