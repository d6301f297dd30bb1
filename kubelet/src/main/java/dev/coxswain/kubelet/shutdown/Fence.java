package dev.coxswain.kubelet.shutdown;

import dev.coxswain.kubelet.manifest.StaticPod;
import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the node's pods when its lease has not been renewed for a set time, so that whoever
 * replaces them elsewhere knows that they do not run twice. Static pods stay: nobody replaces them.
 * Once the lease is renewed, the node takes pods as ever. Thread-safe.
 */
public final class Fence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Fence.class);
  private static final String MESSAGE =
      "The node has not reached the API server for longer than its pods may run without.";

  private static final Duration RUNTIME_RETRY = Duration.ofSeconds(1);

  private final Duration after;
  private final NodeShutdown.Pods pods;
  private final BooleanSupplier stopUnknown;
  private final Time time;

  /** What falls unless the lease is renewed, guarded by this; null before the start and after. */
  private Time.@Nullable Timer timer;

  /** How often the time began anew, guarded by this. */
  private int renewals;

  private boolean closed;

  /**
   * A fence that is up.
   *
   * @param after how long the lease may go without renewal; zero for ever
   * @param stopUnknown stops what the runtime has of pods that this kubelet has not been shown,
   *     because it was started while the API was away; blocks; false when the runtime does not say
   *     what it has, so that it is to be asked again
   */
  public Fence(Duration after, NodeShutdown.Pods pods, BooleanSupplier stopUnknown, Time time) {
    this.after = after;
    this.pods = pods;
    this.stopUnknown = stopUnknown;
    this.time = time;
  }

  /** The lease was renewed, or the kubelet begins: the time runs anew. */
  public synchronized void renewed() {
    if (after.isZero() || closed) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    int mine = ++renewals;
    timer = time.after(after, () -> Thread.ofVirtual().name("fence").start(() -> fall(mine)));
  }

  private synchronized boolean holds(int renewal) {
    return closed || renewals != renewal;
  }

  private void fall(int renewal) {
    // Cancelling came too late for a timer that had begun: what was renewed meanwhile holds.
    if (holds(renewal)) {
      return;
    }
    List<Pod> active = pods.active().stream().filter(pod -> !StaticPod.is(pod)).toList();
    LOG.warn(
        "The node's lease has not been renewed for {} s: its {} pods are stopped",
        after.toSeconds(),
        active.size());
    for (Pod pod : active) {
      pods.end(
          pod.getMetadata().getUid(),
          Ending.disrupted(time.now(), PodDecider.grace(pod), "NodeLost", MESSAGE, MESSAGE));
    }
    stopUnknown(renewal);
  }

  // Whoever replaces these pods does not wait until the runtime is back: it is asked until it says
  // what it has, or the lease is renewed.
  private void stopUnknown(int renewal) {
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicBoolean told = new AtomicBoolean();
    Rounds.run(
        "fence",
        time,
        () -> !stopped.get() && !holds(renewal),
        () -> {
          if (stopUnknown.getAsBoolean()) {
            stopped.set(true);
            return;
          }
          if (!told.getAndSet(true)) {
            LOG.warn(
                "The runtime does not say which pods it has: those that this kubelet has not been"
                    + " shown are stopped as soon as it does");
          }
          time.sleep(RUNTIME_RETRY);
        });
  }

  /** Nothing is stopped any more. */
  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
  }
}
