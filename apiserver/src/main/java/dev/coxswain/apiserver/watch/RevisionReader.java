package dev.coxswain.apiserver.watch;

import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.trace.RequestTrace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for its revision on behalf of everybody who wants it now: those who come while a
 * question is under way share the next one, since the answer under way may be older than they are.
 */
final class RevisionReader {
  /** How long one waits for an answer, in seconds. */
  private static final long WAIT_SECONDS = 20;

  private final Store store;
  private final Executor executor;
  private @Nullable CompletableFuture<Long> next;
  private boolean asking;

  RevisionReader(Store store, Executor executor) {
    this.store = store;
    this.executor = executor;
  }

  /** A revision at or above everything that was acknowledged before the call. */
  long revision() throws InterruptedException {
    try (var _ = RequestTrace.enterStore()) {
      return ask();
    }
  }

  private long ask() throws InterruptedException {
    CompletableFuture<Long> mine;
    boolean ask;
    synchronized (this) {
      if (next == null) {
        next = new CompletableFuture<>();
      }
      mine = next;
      ask = !asking;
      asking = true;
    }
    if (ask) {
      begin();
    }
    try {
      return mine.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new StoreUnavailableException(
          "the store does not answer: no revision in " + WAIT_SECONDS + " s", false, e);
    }
  }

  private void begin() {
    try {
      executor.execute(this::run);
    } catch (RejectedExecutionException closed) {
      CompletableFuture<Long> unasked;
      synchronized (this) {
        asking = false;
        unasked = next;
        next = null;
      }
      if (unasked != null) {
        unasked.completeExceptionally(
            new StoreUnavailableException("the server is shutting down", false, closed));
      }
    }
  }

  private void run() {
    while (true) {
      CompletableFuture<Long> batch;
      synchronized (this) {
        if (next == null) {
          asking = false;
          return;
        }
        batch = next;
        next = null;
      }
      try {
        batch.complete(store.revision());
      } catch (RuntimeException | Error e) {
        // Whatever it is, those who wait are told, and the next ones are asked for.
        batch.completeExceptionally(e);
      }
    }
  }
}
