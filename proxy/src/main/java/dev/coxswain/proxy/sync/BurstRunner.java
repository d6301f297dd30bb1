package dev.coxswain.proxy.sync;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one job whenever it was requested: at once after a quiet time, and otherwise not before a
 * minimum interval after the end of the last run, so that a burst of requests costs one run. Never
 * runs the job twice at the same time. A failed run is repeated with growing delays.
 */
public final class BurstRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BurstRunner.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** The work; a failure is logged with its message and repeated. */
  @FunctionalInterface
  public interface Job {
    void run() throws Exception;
  }

  private final String name;
  private final Time time;
  private final Duration interval;
  private final Job job;

  private final Object lock = new Object();
  private boolean requested;
  private boolean running;
  private boolean closed;
  private int failures;
  private long notBefore;
  private Time.@Nullable Timer timer;

  /**
   * A runner that waits for its first request.
   *
   * @param name what the job does, for the log
   * @param interval the quiet time after a run
   */
  public BurstRunner(String name, Time time, Duration interval, Job job) {
    this.name = name;
    this.time = time;
    this.interval = interval;
    this.job = job;
    this.notBefore = time.nanos();
  }

  /** Asks for a run that starts after this call; returns at once. */
  public void request() {
    synchronized (lock) {
      requested = true;
      arm();
    }
  }

  private void arm() {
    if (requested && !running && !closed && timer == null) {
      Duration delay = Duration.ofNanos(Math.max(0, notBefore - time.nanos()));
      timer = time.after(delay, this::run);
    }
  }

  private void run() {
    synchronized (lock) {
      timer = null;
      if (running || closed) {
        return;
      }
      running = true;
      requested = false;
    }
    boolean succeeded = false;
    try {
      job.run();
      succeeded = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.warn("{} failed and will be tried again: {}", name, e.getMessage());
      log.debug("{} failed", name, e);
    } finally {
      synchronized (lock) {
        running = false;
        failures = succeeded ? 0 : failures + 1;
        requested |= !succeeded;
        notBefore = time.nanos() + delay().toNanos();
        arm();
        lock.notifyAll();
      }
    }
  }

  private Duration delay() {
    if (failures == 0) {
      return interval;
    }
    Duration grown = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 5));
    return grown.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : grown;
  }

  /** How many runs have failed in a row. */
  public int failures() {
    synchronized (lock) {
      return failures;
    }
  }

  /** Starts no further run and waits for the one under way. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
      while (running) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
