package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/** Who waits until the log was applied up to some index, for a while. */
final class AppliedIndex {
  private final LongSupplier applied;
  private final Time time;
  private final Duration patience;
  private final ConcurrentSkipListMap<Long, Waiting> waiting = new ConcurrentSkipListMap<>();

  /** Those who wait for one index, until the first of them has waited long enough. */
  private record Waiting(CompletableFuture<Void> reached, long deadline) {}

  /** Waits for what this counts, and so long at most. */
  AppliedIndex(LongSupplier applied, Time time, Duration patience) {
    this.applied = applied;
    this.time = time;
    this.patience = patience;
  }

  /**
   * Completes when this index, or a later one, was applied; fails with a timeout when {@link
   * #expire} finds that it takes too long.
   */
  CompletableFuture<Void> reached(long index) {
    if (applied.getAsLong() >= index) {
      return CompletableFuture.completedFuture(null);
    }
    Waiting wait =
        waiting.computeIfAbsent(
            index,
            ignored -> new Waiting(new CompletableFuture<>(), time.nanos() + patience.toNanos()));
    // It may have been applied just before it was being waited for.
    advanced();
    return wait.reached();
  }

  /** More was applied. */
  void advanced() {
    if (waiting.isEmpty()) {
      return;
    }
    var done = waiting.headMap(applied.getAsLong(), true);
    while (!done.isEmpty()) {
      var first = done.pollFirstEntry();
      if (first != null) {
        first.getValue().reached().complete(null);
      }
    }
  }

  /** Fails who has waited too long. Called now and then. */
  void expire() {
    long now = time.nanos();
    waiting.forEach((index, wait) -> {
      if (wait.deadline() - now <= 0 && waiting.remove(index, wait)) {
        wait.reached().completeExceptionally(StoreError.TIMEOUT.exception());
      }
    });
  }
}
