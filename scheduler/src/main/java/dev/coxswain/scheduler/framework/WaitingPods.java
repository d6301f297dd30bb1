package dev.coxswain.scheduler.framework;

import dev.coxswain.api.meta.ObjectKey;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The pods that have a node and wait for something before they are bound: for the others of their
 * group, or for their volumes. Bounded by the pods that may be under way. Thread-safe.
 */
public final class WaitingPods {
  private final Map<ObjectKey, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();

  /** The pods that wait. */
  public Set<ObjectKey> all() {
    return Set.copyOf(waiting.keySet());
  }

  /** Lets a pod go on. */
  public void allow(ObjectKey pod) {
    end(pod, "");
  }

  /** Makes a pod give up. */
  public void reject(ObjectKey pod, String reason) {
    end(pod, reason.isEmpty() ? "rejected" : reason);
  }

  private void end(ObjectKey pod, String reason) {
    CompletableFuture<String> future = waiting.get(pod);
    if (future != null) {
      future.complete(reason);
    }
  }

  /** Completes with why the pod was rejected, or with nothing when it was allowed. */
  public CompletableFuture<String> add(ObjectKey pod) {
    CompletableFuture<String> future = new CompletableFuture<>();
    waiting.put(pod, future);
    return future;
  }

  /** It need not wait after all. */
  public void forget(ObjectKey pod, CompletableFuture<String> leave) {
    waiting.remove(pod, leave);
  }

  /**
   * Waits for the end of what {@link #add} began: empty, or why the pod has to give up.
   *
   * @param late what is said when it has waited too long
   */
  public String await(
      ObjectKey pod, CompletableFuture<String> leave, Duration patience, String late)
      throws InterruptedException {
    try {
      return leave.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return late;
    } catch (ExecutionException e) {
      return String.valueOf(e.getMessage());
    } finally {
      waiting.remove(pod, leave);
    }
  }
}
