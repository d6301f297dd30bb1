package dev.coxswain.store.raft;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Confirms reads in groups: those that come while a confirmation is under way share the next one,
 * which starts after they came, as linearizability wants it.
 */
final class ReadGate {
  private final Supplier<CompletableFuture<Void>> confirm;
  private @Nullable CompletableFuture<Void> next;
  private boolean underWay;

  ReadGate(Supplier<CompletableFuture<Void>> confirm) {
    this.confirm = confirm;
  }

  /** Completes when a read now would be linearizable. */
  CompletableFuture<Void> pass() {
    CompletableFuture<Void> mine;
    synchronized (this) {
      CompletableFuture<Void> shared = next;
      if (shared == null) {
        shared = new CompletableFuture<>();
        next = shared;
      }
      mine = shared;
      if (underWay) {
        return mine;
      }
      underWay = true;
    }
    start();
    return mine;
  }

  // A loop, not a call of itself: where nobody has to be asked, each group is confirmed at once.
  private void start() {
    for (CompletableFuture<Void> group = take(); group != null; group = take()) {
      CompletableFuture<Void> confirmed = confirmation();
      if (!confirmed.isDone()) {
        CompletableFuture<Void> waiting = group;
        var _ =
            confirmed.whenComplete((ignored, failure) -> {
              settle(waiting, failure);
              start();
            });
        return;
      }
      settle(group, confirmed.isCompletedExceptionally() ? confirmed.exceptionNow() : null);
    }
  }

  private CompletableFuture<Void> confirmation() {
    try {
      return confirm.get();
    } catch (RuntimeException e) {
      // Whatever it is, nobody may wait for this group for ever, nor those that come after it.
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized @Nullable CompletableFuture<Void> take() {
    CompletableFuture<Void> group = next;
    next = null;
    underWay = group != null;
    return group;
  }

  private static void settle(CompletableFuture<Void> group, @Nullable Throwable failure) {
    if (failure == null) {
      group.complete(null);
    } else {
      group.completeExceptionally(failure);
    }
  }
}
