package dev.coxswain.scheduler.queue;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Gangs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The pods without a node, in three parts: active ones are tried in order of priority; after a
 * failed attempt a pod waits among the unschedulable until something happens that may help it, and
 * then at least until its back-off has passed. One owner thread; bounded by the pods there are.
 */
public final class SchedulingQueue {
  /** The first wait after a failed attempt; doubles with every further one. */
  public static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);

  /** The longest such wait. */
  public static final Duration LAST_BACKOFF = Duration.ofSeconds(10);

  /** After this a pod is tried again though nothing happened: some hint may be wrong. */
  static final Duration MAX_UNSCHEDULABLE = Duration.ofMinutes(5);

  private final Function<PodInfo, Optional<Profile>> profiles;
  private final Duration firstBackoff;
  private final Duration lastBackoff;
  private final TreeSet<QueuedPod> active;
  private final TreeSet<QueuedPod> backoff;
  private final TreeSet<QueuedPod> unschedulable =
      new TreeSet<>(Comparator.comparingLong(QueuedPod::since).thenComparingLong(QueuedPod::order));
  private final Map<ObjectKey, QueuedPod> gated = new HashMap<>();
  private final Map<ObjectKey, QueuedPod> all = new HashMap<>();
  private long count;

  /**
   * An empty queue.
   *
   * @param order who is tried first; among equals, who waits longer
   * @param profiles whose plugins speak for a pod; pods without are not queued
   */
  public SchedulingQueue(
      Comparator<PodInfo> order,
      Function<PodInfo, Optional<Profile>> profiles,
      Duration firstBackoff,
      Duration lastBackoff) {
    this.profiles = profiles;
    this.firstBackoff = firstBackoff;
    this.lastBackoff = lastBackoff;
    this.active =
        new TreeSet<>(
            Comparator.comparing(QueuedPod::pod, order).thenComparingLong(QueuedPod::order));
    this.backoff =
        new TreeSet<>(Comparator.comparingLong(this::readyAt).thenComparingLong(QueuedPod::order));
  }

  /** Takes in a pod, or its new state: a change of the pod itself is worth another try. */
  public void put(PodInfo pod, long now) {
    QueuedPod known = all.get(pod.key());
    if (known != null && !known.pod().uid().equals(pod.uid())) {
      remove(pod.key());
      known = null;
    }
    if (known == null) {
      add(new QueuedPod(pod, count++, now, now, 0, Set.of()), now);
      return;
    }
    boolean changed = !known.pod().nominatedTo("").equals(pod.nominatedTo(""));
    boolean waits = unschedulable.contains(known) || gated.containsKey(pod.key());
    boolean backsOff = backoff.contains(known);
    take(known);
    QueuedPod newer = known.with(pod);
    if (!waits && !backsOff) {
      activate(newer);
    } else if (backsOff || changed) {
      resume(newer, now);
    } else {
      park(newer);
    }
  }

  private void add(QueuedPod queued, long now) {
    if (heldBy(queued.pod()).isPresent()) {
      gated.put(queued.pod().key(), queued);
      all.put(queued.pod().key(), queued);
    } else if (profiles.apply(queued.pod()).isPresent()) {
      activate(queued.at(now));
    }
  }

  private Optional<String> heldBy(PodInfo pod) {
    return profiles.apply(pod).flatMap(profile -> profile.heldBy(pod));
  }

  private void activate(QueuedPod queued) {
    active.add(queued);
    all.put(queued.pod().key(), queued);
  }

  private void park(QueuedPod queued) {
    if (heldBy(queued.pod()).isPresent()) {
      gated.put(queued.pod().key(), queued);
    } else {
      unschedulable.add(queued);
    }
    all.put(queued.pod().key(), queued);
  }

  /** Back to the active ones, as soon as it may. */
  private void resume(QueuedPod queued, long now) {
    if (heldBy(queued.pod()).isPresent()) {
      park(queued);
    } else if (readyAt(queued) <= now) {
      activate(queued);
    } else {
      backoff.add(queued);
      all.put(queued.pod().key(), queued);
    }
  }

  private long readyAt(QueuedPod queued) {
    if (queued.attempts() == 0) {
      return queued.since();
    }
    Duration wait = firstBackoff.multipliedBy(1L << Math.min(queued.attempts() - 1, 20));
    return queued.since() + (wait.compareTo(lastBackoff) > 0 ? lastBackoff : wait).toNanos();
  }

  private void take(QueuedPod queued) {
    ObjectKey key = queued.pod().key();
    all.remove(key);
    unschedulable.remove(queued);
    gated.remove(key);
    active.remove(queued);
    backoff.remove(queued);
  }

  /** Forgets a pod. */
  public void remove(ObjectKey key) {
    QueuedPod known = all.get(key);
    if (known != null) {
      take(known);
    }
  }

  /** Whether a pod is in the queue. */
  public boolean contains(ObjectKey key) {
    return all.containsKey(key);
  }

  /**
   * The next pod to try; it leaves the queue, and comes back by {@link #reject} or {@link #retry}.
   */
  public Optional<QueuedPod> pop(long now) {
    flush(now);
    QueuedPod first = active.pollFirst();
    if (first == null) {
      return Optional.empty();
    }
    all.remove(first.pod().key());
    return Optional.of(first.tried());
  }

  /** Whether a pod could be tried now. */
  public boolean ready(long now) {
    flush(now);
    return !active.isEmpty();
  }

  /** Takes back a pod that fits nowhere; it waits for an event that may help with these plugins. */
  public void reject(QueuedPod queued, Set<String> plugins, long now) {
    park(queued.rejected(plugins, now));
  }

  /** Takes back a pod whose attempt failed by no fault of the cluster's room. */
  public void retry(QueuedPod queued, long now) {
    resume(queued.rejected(Set.of(), now), now);
  }

  /** Lets the pods that an event may help be tried again. */
  public void moveOn(ClusterEvent event, long now) {
    if (unschedulable.isEmpty()) {
      return;
    }
    List<QueuedPod> helped = new ArrayList<>();
    for (QueuedPod queued : unschedulable) {
      if (event instanceof ClusterEvent.PodGone(PodInfo gone)
          && Gangs.together(gone, queued.pod())) {
        // A group gives its places back as one: none of it is to take another's at once.
        continue;
      }
      boolean may =
          profiles
              .apply(queued.pod())
              .map(profile -> profile.mayHelp(queued.pod(), queued.rejectedBy(), event))
              .orElse(true);
      if (may) {
        helped.add(queued);
      }
    }
    helped.forEach(queued -> move(queued, now));
  }

  private void move(QueuedPod queued, long now) {
    unschedulable.remove(queued);
    resume(queued, now);
  }

  private void flush(long now) {
    while (!backoff.isEmpty() && readyAt(backoff.first()) <= now) {
      QueuedPod ready = backoff.first();
      backoff.remove(ready);
      activate(ready);
    }
    while (!unschedulable.isEmpty()
        && unschedulable.first().since() <= now - MAX_UNSCHEDULABLE.toNanos()) {
      move(unschedulable.first(), now);
    }
  }

  /** When to look again though nothing happens, in nanoseconds. */
  public OptionalLong nextDue() {
    long due = Long.MAX_VALUE;
    if (!backoff.isEmpty()) {
      due = readyAt(backoff.first());
    }
    if (!unschedulable.isEmpty()) {
      due = Math.min(due, unschedulable.first().since() + MAX_UNSCHEDULABLE.toNanos());
    }
    return due == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(due);
  }

  /** How many pods are to be tried now. */
  public int active() {
    return active.size();
  }

  /** How many pods back off. */
  public int backingOff() {
    return backoff.size();
  }

  /** How many pods wait for a change. */
  public int unschedulable() {
    return unschedulable.size();
  }

  /** How many pods are held back. */
  public int gated() {
    return gated.size();
  }
}
