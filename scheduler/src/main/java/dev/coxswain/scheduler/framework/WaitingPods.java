package dev.coxswain.scheduler.framework;

import dev.coxswain.api.meta.ObjectKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pods that a {@link PermitPlugin} put off. Each holds one of the scheduler's places for pods
 * under way, so there are never more than of those. Thread-safe.
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

  /** No longer waits. */
  public void remove(ObjectKey pod) {
    waiting.remove(pod);
  }
}
