package dev.coxswain.store.raft;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Confirms reads in groups: those that come while a confirmation is under way share the next one,
 * which starts after they came, as linearizability wants it.
 */
final class ReadGate {
  private final Supplier<CompletableFuture<?>> confirm;
  private @Nullable CompletableFuture<Void> next;
  private boolean underWay;

  ReadGate(Supplier<CompletableFuture<?>> confirm) {
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

  private void start() {
    CompletableFuture<Void> group;
    synchronized (this) {
      group = next;
      next = null;
      if (group == null) {
        underWay = false;
        return;
      }
    }
    var _ =
        confirm
            .get()
            .whenComplete((ignored, failure) -> {
              if (failure == null) {
                group.complete(null);
              } else {
                group.completeExceptionally(failure);
              }
              start();
            });
  }
}
