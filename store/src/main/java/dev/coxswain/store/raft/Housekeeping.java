package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be looked after now and then: all of it by one timer, one after the other. */
final class Housekeeping {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  /** As often as etcd looks after its leases. */
  private static final Duration TICK = Duration.ofMillis(500);

  private final Time time;
  private final List<Runnable> chores;
  private volatile boolean closed;
  private Time.Timer tick = () -> {};

  Housekeeping(Time time, List<Runnable> chores) {
    this.time = time;
    this.chores = chores;
  }

  synchronized void start() {
    if (!closed) {
      tick = time.after(TICK, this::tick);
    }
  }

  private void tick() {
    for (Runnable chore : chores) {
      if (closed) {
        return;
      }
      try {
        chore.run();
      } catch (RuntimeException e) {
        LOG.error("housekeeping failed; it is tried again", e);
      }
    }
    start();
  }

  /** What is under way ends by itself, and nothing begins any more. */
  synchronized void close() {
    closed = true;
    tick.cancel();
  }
}
