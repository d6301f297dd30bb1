package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this member's part ends: it was removed, or replication has ended under it. */
final class Departure {
  private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

  /** From learning of one's removal to the end. */
  private static final Duration LEAVING = Duration.ofSeconds(1);

  private static final String ENDED = "replication has ended by itself; the reason is logged above";

  private final Time time;
  private final Executor workers;
  private final StoreNode.Halt halt;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicBoolean left = new AtomicBoolean();
  private volatile boolean closed;
  private volatile Runnable removed = () -> {};

  Departure(Time time, Executor workers, StoreNode.Halt halt) {
    this.time = time;
    this.workers = workers;
    this.halt = halt;
  }

  /** Calls back when this member was removed and the answers under way have been given. */
  void onRemoved(Runnable listener) {
    removed = listener;
  }

  /**
   * This member was removed. One that is being stopped learns of it when it is started again: there
   * may be another in its place by now.
   */
  void leave() {
    if (!closed && left.compareAndSet(false, true)) {
      LOG.warn("this member was removed from the cluster");
      // Whoever asked this very member for it still gets the answer.
      time.after(
          LEAVING,
          () -> {
            if (!closed) {
              removed.run();
            }
          });
    }
  }

  boolean left() {
    return left.get();
  }

  /** It is being stopped: from now on nothing is amiss when replication ends. */
  void close() {
    closed = true;
  }

  boolean closed() {
    return closed;
  }

  /**
   * Replication has ended. Ratis also ends a member that was removed before it could learn of it:
   * the others know.
   */
  void ended(Runnable askTheOthers) {
    if (!closed && !left() && ending.compareAndSet(false, true)) {
      workers.execute(() -> {
        try {
          askTheOthers.run();
        } catch (RuntimeException e) {
          LOG.warn("the others cannot be asked whether this member was removed: {}", e.toString());
        }
        // Asking takes a while, in which it may have been stopped for what ended replication.
        if (!left() && !closed) {
          halt.beginAnew(ENDED);
        }
      });
    }
  }
}
