package dev.coxswain.apiserver.storage;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the store forget what nobody will ask for: every period the history from before the last
 * one. Several servers doing so do no harm, as each forgets only what is at least a period old.
 */
public final class Compactor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Compactor.class);

  /** Upstream's period. A list in pages lives this long at least. */
  static final Duration PERIOD = Duration.ofMinutes(5);

  private final Store store;
  private final Time time;
  private long before;
  private @Nullable Thread thread;

  /** A compactor that works once it is started. */
  public Compactor(Store store, Time time) {
    this.store = store;
    this.time = time;
  }

  /** Starts the thread. */
  public void start() {
    thread = Thread.ofVirtual().name("compactor").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        step();
        time.sleep(PERIOD);
      }
    } catch (InterruptedException e) {
      log.debug("compactor stops");
    }
  }

  /** Forgets what came before the revision of the step before. */
  void step() {
    try {
      long now = store.revision();
      if (before > 0) {
        store.compact(before);
      }
      before = now;
    } catch (StoreUnavailableException e) {
      log.warn("the store's history is not compacted: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
