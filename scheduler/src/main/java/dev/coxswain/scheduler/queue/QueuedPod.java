package dev.coxswain.scheduler.queue;

import dev.coxswain.scheduler.model.PodInfo;
import java.util.Set;

/**
 * A pod that waits for a node.
 *
 * @param pod the pod
 * @param order counts the pods that were queued before it: who waits longer comes first
 * @param added when it was first seen, in nanoseconds
 * @param since when it came into its present part of the queue, in nanoseconds
 * @param attempts how often it was tried
 * @param rejectedBy the plugins that rejected it last
 */
public record QueuedPod(
    PodInfo pod, long order, long added, long since, int attempts, Set<String> rejectedBy) {
  public QueuedPod {
    rejectedBy = Set.copyOf(rejectedBy);
  }

  /** The same wait of the pod's new state. */
  public QueuedPod with(PodInfo newer) {
    return new QueuedPod(newer, order, added, since, attempts, rejectedBy);
  }

  QueuedPod at(long now) {
    return new QueuedPod(pod, order, added, now, attempts, rejectedBy);
  }

  QueuedPod tried() {
    return new QueuedPod(pod, order, added, since, attempts + 1, Set.of());
  }

  QueuedPod rejected(Set<String> plugins, long now) {
    return new QueuedPod(pod, order, added, now, attempts, plugins);
  }
}
