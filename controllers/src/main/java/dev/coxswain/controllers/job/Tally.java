package dev.coxswain.controllers.job;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;

/**
 * How many pods ended well and badly, each counted once whatever crashes: an ended pod is noted in
 * the status, then loses its finalizer, then is counted and its note removed.
 *
 * @param succeeded pods that ended well and are counted
 * @param failed pods that ended badly and are counted
 * @param notedSucceeded uids that ended well and are noted
 * @param notedFailed uids that ended badly and are noted
 * @param completed the indexes that are done; empty for a Job without indexes
 */
record Tally(
    int succeeded,
    int failed,
    List<String> notedSucceeded,
    List<String> notedFailed,
    NavigableSet<Integer> completed) {

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
    int completions = Meta.number(job.getSpec().getCompletions(), 0);
    NavigableSet<Integer> completed =
        Indexes.parse(Meta.text(status.getCompletedIndexes()), completions);
    for (Pod pod : pods) {
      String uid = Meta.uid(pod);
      if (!JobPods.tracked(pod) || notedSucceeded.contains(uid) || notedFailed.contains(uid)) {
        continue;
      }
      if (JobPods.succeeded(pod)) {
        notedSucceeded.add(uid);
        if (JobPods.indexed(job)) {
          JobPods.index(pod).stream().filter(index -> index < completions).forEach(completed::add);
        }
      } else if (JobPods.failed(pod)) {
        notedFailed.add(uid);
      }
    }
    return new Tally(
        JobPods.indexed(job) ? completed.size() : succeeded,
        failed,
        notedSucceeded,
        notedFailed,
        completed);
  }

  /** All that ended well, counted or only noted. */
  int allSucceeded(Job job) {
    return JobPods.indexed(job) ? completed.size() : succeeded + notedSucceeded.size();
  }

  /** All that ended badly, counted or only noted. */
  int allFailed() {
    return failed + notedFailed.size();
  }

  boolean notes(Pod pod) {
    return notedSucceeded.contains(Meta.uid(pod)) || notedFailed.contains(Meta.uid(pod));
  }

  boolean settled() {
    return notedSucceeded.isEmpty() && notedFailed.isEmpty();
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
