package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Forms log entries. While entries are being replicated, whatever arrives waits and shares the next
 * one; a lone operation goes at once. No timer delays anybody, so a group is as large as the load
 * makes it.
 */
public final class Proposer {
  /**
   * Entries under way at a time. A second would be flushed no sooner, since there is one disk, and
   * would halve the groups: measured, it costs a third more CPU for each operation.
   */
  private static final int ENTRIES_UNDER_WAY = 1;

  /** An entry takes no more operations than this, to bound what one apply step holds up. */
  private static final int ENTRY_OPERATIONS = 2048;

  /** An entry is closed before it exceeds this; a larger operation has an entry of its own. */
  private static final int ENTRY_BYTES = 1 << 20;

  /**
   * The largest operation: a client's largest request, and a little. A service may make a larger
   * one out of a request. Ratis deposes a leader that is to append more than it replicates at once,
   * and reads back no more than half of that.
   */
  private static final int OPERATION_BYTES = 1600 << 10;

  /** Operations waiting or under way; one more is refused with "too many requests". */
  private static final int MOST_PROPOSALS = 20_000;

  private final Log log;
  private final Time time;
  private final Duration patience;
  private final ConcurrentLinkedQueue<Proposal> waiting = new ConcurrentLinkedQueue<>();

  /** Held by who takes out of those that wait. */
  private final Object taking = new Object();

  private final Set<Batch> underWay = ConcurrentHashMap.newKeySet();
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicInteger proposals = new AtomicInteger();
  private final AtomicInteger drainers = new AtomicInteger();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final List<Consumer<EntryTimes>> timeListeners = new CopyOnWriteArrayList<>();

  /** Where entries go. */
  @FunctionalInterface
  public interface Log {
    /** Appends an entry; completes when it was applied here, or fails. */
    CompletableFuture<?> append(Batch batch);

    /** No entry is under way and none waits. */
    default void quiet() {}

    /**
     * Runs a task when the calling thread has taken in what has already arrived, so that one entry
     * holds all of it; now, when nothing is known of that.
     */
    default void soon(Runnable task) {
      task.run();
    }
  }

  /** A proposer over a log; each proposal is answered or failed within {@code patience}. */
  public Proposer(Log log, Time time, Duration patience) {
    this.log = log;
    this.time = time;
    this.patience = patience;
  }

  /** Proposes one operation; the future holds what it came to. */
  public CompletableFuture<Outcome> propose(Operation operation) {
    int bytes = OperationCodec.size(operation);
    if (bytes > OPERATION_BYTES) {
      return CompletableFuture.failedFuture(StoreError.REQUEST_TOO_LARGE.exception());
    }
    if (proposals.incrementAndGet() > MOST_PROPOSALS) {
      proposals.decrementAndGet();
      return CompletableFuture.failedFuture(StoreError.TOO_MANY_REQUESTS.exception());
    }
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    waiting.add(new Proposal(operation, bytes, time.nanos() + patience.toNanos(), answer));
    if (draining.compareAndSet(false, true)) {
      log.soon(() -> {
        draining.set(false);
        drain();
      });
    }
    return answer;
  }

  /** Calls back with where the time of each entry went, one after another; must not block. */
  public void onWritten(Consumer<EntryTimes> listener) {
    timeListeners.add(listener);
  }

  /** How many operations have no answer yet. */
  public int pending() {
    return proposals.get();
  }

  // The first to come drains for all who come meanwhile.
  private void drain() {
    if (drainers.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      while (outstanding.get() < ENTRIES_UNDER_WAY) {
        Batch batch = gather();
        if (batch.size() == 0) {
          break;
        }
        submit(batch);
      }
      seen = drainers.addAndGet(-seen);
    } while (seen != 0);
  }

  private Batch gather() {
    List<Proposal> group = new ArrayList<>();
    int bytes = 0;
    // What is looked at must be what is taken: nobody takes out what is too late meanwhile.
    synchronized (taking) {
      Proposal next = waiting.peek();
      while (next != null
          && group.size() < ENTRY_OPERATIONS
          && (group.isEmpty() || bytes + next.bytes() <= ENTRY_BYTES)) {
        waiting.poll();
        group.add(next);
        bytes += next.bytes();
        next = waiting.peek();
      }
    }
    return new Batch(group);
  }

  private void submit(Batch batch) {
    outstanding.incrementAndGet();
    underWay.add(batch);
    batch.markBegun(time.nanos(), patience.toNanos());
    CompletableFuture<?> appended;
    try {
      appended = log.append(batch);
    } catch (RuntimeException e) {
      appended = CompletableFuture.failedFuture(e);
    }
    var _ =
        appended.whenComplete((ignored, failure) -> {
          underWay.remove(batch);
          // Applying answered each one already; this catches those it did not reach.
          if (failure != null || !batch.answered()) {
            batch.fail(
                batch.appended() ? StoreError.TIMEOUT_LEADER_FAILED.exception() : new NotLeading());
          }
          batch
              .times(time.nanos())
              .ifPresent(times -> timeListeners.forEach(listener -> listener.accept(times)));
          proposals.addAndGet(-batch.size());
          outstanding.decrementAndGet();
          drain();
          if (outstanding.get() == 0) {
            log.quiet();
          }
        });
  }

  /** Fails what waited too long. Called now and then. */
  public void expire() {
    long now = time.nanos();
    for (Batch batch : underWay) {
      if (batch.expired(now)) {
        batch.fail(StoreError.TIMEOUT.exception());
      }
    }
    List<Proposal> late = takeLate(now);
    proposals.addAndGet(-late.size());
    late.forEach(
        proposal -> proposal.answer().completeExceptionally(StoreError.TIMEOUT.exception()));
  }

  private List<Proposal> takeLate(long now) {
    List<Proposal> late = new ArrayList<>();
    synchronized (taking) {
      Proposal next = waiting.peek();
      while (next != null && next.deadline() - now <= 0) {
        waiting.poll();
        late.add(next);
        next = waiting.peek();
      }
    }
    return late;
  }
}
