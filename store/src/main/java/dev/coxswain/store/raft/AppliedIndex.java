package dev.coxswain.store.raft;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/** Who waits until the log was applied up to some index. */
final class AppliedIndex {
  private final LongSupplier applied;
  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> waiting =
      new ConcurrentSkipListMap<>();

  /** Waits for what this counts. */
  AppliedIndex(LongSupplier applied) {
    this.applied = applied;
  }

  /** Completes when this index, or a later one, was applied. */
  CompletableFuture<Void> reached(long index) {
    if (applied.getAsLong() >= index) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> reached =
        waiting.computeIfAbsent(index, ignored -> new CompletableFuture<>());
    // It may have been applied just before it was being waited for.
    advanced();
    return reached;
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
        first.getValue().complete(null);
      }
    }
  }
}
