package dev.coxswain.controllers.job;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How many pods ended well and badly, each counted once whatever crashes: an ended pod is noted in
 * the status, then loses its finalizer, then is counted and its note removed.
 *
 * @param succeeded pods that ended well and are counted; with indexes, the indexes that are done
 * @param failed pods that ended badly and are counted
 * @param notedSucceeded uids that ended well and are noted
 * @param notedFailed uids that ended badly and are noted
 * @param dismissed uids that ended and need not be counted
 * @param completed the indexes that are done; empty for a Job without indexes
 * @param failedIndexes the indexes that are given up; empty without a limit for each
 * @param lastFailures the failed pod of each index that waits for its successor, which is to know
 *     how often its predecessors failed
 */
record Tally(
    int succeeded,
    int failed,
    List<String> notedSucceeded,
    List<String> notedFailed,
    Set<String> dismissed,
    NavigableSet<Integer> completed,
    NavigableSet<Integer> failedIndexes,
    Map<Integer, Pod> lastFailures) {

  /** Takes the status and the pods, counts what has lost its finalizer, and notes what ended. */
  static Tally of(Job job, List<Pod> pods) {
    JobStatus status = job.getStatus() == null ? new JobStatus() : job.getStatus();
    UncountedTerminatedPods noted =
        status.getUncountedTerminatedPods() == null
            ? new UncountedTerminatedPods()
            : status.getUncountedTerminatedPods();
    Map<String, Pod> byUid = new LinkedHashMap<>();
    pods.forEach(pod -> byUid.put(Meta.uid(pod), pod));
    var notedSucceeded = new ArrayList<String>();
    var notedFailed = new ArrayList<String>();
    int succeeded =
        Meta.number(status.getSucceeded(), 0)
            + settle(Meta.list(noted.getSucceeded()), byUid, notedSucceeded);
    int failed =
        Meta.number(status.getFailed(), 0)
            + settle(Meta.list(noted.getFailed()), byUid, notedFailed);
    List<Pod> fresh =
        pods.stream()
            .filter(JobPods::tracked)
            .filter(pod ->
                !notedSucceeded.contains(Meta.uid(pod)) && !notedFailed.contains(Meta.uid(pod)))
            .toList();
    var dismissed = new LinkedHashSet<String>();
    NavigableSet<Integer> completed = completed(job, status, fresh);
    NavigableSet<Integer> failedIndexes = failedIndexes(job, status, fresh, completed);
    Map<Integer, Pod> lastFailures = lastFailures(job, pods, fresh, completed, failedIndexes);
    boolean won = JobEnds.decided(job).filter(JobEnds.End::success).isPresent();
    for (Pod pod : fresh) {
      String uid = Meta.uid(pod);
      if (Pods.succeeded(pod)) {
        notedSucceeded.add(uid);
      } else if (won && !Pods.failed(pod) && Meta.deleting(pod)) {
        // What is stopped because the Job has reached its aim has not failed.
        dismissed.add(uid);
      } else if (JobPods.failed(job, pod) && !lastFailures.containsValue(pod)) {
        if (inRange(job, pod) && FailurePolicy.verdict(job, pod).counted()) {
          notedFailed.add(uid);
        } else {
          dismissed.add(uid);
        }
      }
    }
    return new Tally(
        JobPods.indexed(job) ? completed.size() : succeeded,
        failed,
        notedSucceeded,
        notedFailed,
        dismissed,
        completed,
        failedIndexes,
        lastFailures);
  }

  /** All that ended well, counted or only noted. */
  int allSucceeded(Job job) {
    return JobPods.indexed(job) ? completed.size() : succeeded + notedSucceeded.size();
  }

  /** All that ended badly, counted, noted, or kept for their successors. */
  int allFailed(Job job) {
    long kept =
        lastFailures.values().stream()
            .filter(pod -> FailurePolicy.verdict(job, pod).counted())
            .count();
    return failed + notedFailed.size() + Math.toIntExact(kept);
  }

  /** Whether the pod may go once the status that this tally makes is stored. */
  boolean settles(Pod pod) {
    String uid = Meta.uid(pod);
    return notedSucceeded.contains(uid) || notedFailed.contains(uid) || dismissed.contains(uid);
  }

  /** Whether nothing waits to be counted. */
  boolean settled(Job job) {
    return notedFailed.isEmpty() && (JobPods.indexed(job) || notedSucceeded.isEmpty());
  }

  private static NavigableSet<Integer> completed(Job job, JobStatus status, List<Pod> fresh) {
    NavigableSet<Integer> completed =
        Indexes.parse(Meta.text(status.getCompletedIndexes()), JobPods.completions(job));
    if (JobPods.indexed(job)) {
      fresh.stream()
          .filter(pod -> Pods.succeeded(pod) && inRange(job, pod))
          .forEach(pod -> JobPods.index(pod).ifPresent(completed::add));
    }
    return completed;
  }

  private static NavigableSet<Integer> failedIndexes(
      Job job, JobStatus status, List<Pod> fresh, Set<Integer> completed) {
    NavigableSet<Integer> failed =
        Indexes.parse(Meta.text(status.getFailedIndexes()), JobPods.completions(job));
    Integer limit = job.getSpec().getBackoffLimitPerIndex();
    if (limit != null) {
      fresh.stream()
          .filter(pod -> JobPods.failed(job, pod) && inRange(job, pod))
          .filter(pod ->
              switch (FailurePolicy.verdict(job, pod)) {
                case FailurePolicy.Verdict.FailsIndex() -> true;
                case FailurePolicy.Verdict.Ignored() -> false;
                case FailurePolicy.Verdict.Counts(), FailurePolicy.Verdict.FailsJob(_) ->
                    JobPods.failures(pod).counted() >= limit;
              })
          .forEach(pod -> JobPods.index(pod).ifPresent(failed::add));
      failed.removeAll(completed);
    }
    return failed;
  }

  private static Map<Integer, Pod> lastFailures(
      Job job,
      List<Pod> pods,
      List<Pod> fresh,
      Set<Integer> completed,
      Set<Integer> failedIndexes) {
    var last = new HashMap<Integer, Pod>();
    if (job.getSpec().getBackoffLimitPerIndex() == null || JobEnds.decided(job).isPresent()) {
      return last;
    }
    for (Pod pod : fresh) {
      OptionalInt index = JobPods.index(pod);
      if (index.isPresent()
          && inRange(job, pod)
          && JobPods.failed(job, pod)
          && !completed.contains(index.getAsInt())
          && !failedIndexes.contains(index.getAsInt())) {
        last.merge(
            index.getAsInt(),
            pod,
            (one, other) ->
                JobPods.failures(one).all() >= JobPods.failures(other).all() ? one : other);
      }
    }
    pods.stream()
        .filter(Pods::active)
        .forEach(pod -> JobPods.index(pod).ifPresent(index -> last.remove(index)));
    return last;
  }

  private static boolean inRange(Job job, Pod pod) {
    return !JobPods.indexed(job)
        || JobPods.index(pod).stream().anyMatch(index -> index < JobPods.completions(job));
  }

  /** Keeps the notes of pods that still have their finalizer; how many others there are. */
  private static int settle(List<String> noted, Map<String, Pod> pods, List<String> kept) {
    int counted = 0;
    for (String uid : noted) {
      Pod pod = pods.get(uid);
      if (pod != null && JobPods.tracked(pod)) {
        kept.add(uid);
      } else {
        counted++;
      }
    }
    return counted;
  }
}
