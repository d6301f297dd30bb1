package dev.coxswain.runtime.time;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A clock that moves only when a test moves it. Due timers run on the thread that advances, in the
 * order of their due time and then of their creation, so that a run repeats exactly; the clock
 * stands at a timer's due time while it runs. Thread-safe.
 */
public final class ManualTime implements Time {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final PriorityQueue<Pending> timers =
      new PriorityQueue<>(Comparator.comparingLong(Pending::due).thenComparingLong(Pending::order));
  private long nanos;
  private long created;
  private @Nullable Thread advancing;

  @Override
  public synchronized Instant now() {
    return START.plusNanos(nanos);
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  /** Blocks until another thread has advanced the clock by the duration. */
  @Override
  public void sleep(Duration duration) throws InterruptedException {
    var woken = new CountDownLatch(1);
    Timer timer;
    synchronized (this) {
      if (Thread.currentThread().equals(advancing)) {
        throw new IllegalStateException("a sleep inside a timer would wait for itself");
      }
      timer = after(duration, woken::countDown);
    }
    try {
      woken.await();
    } finally {
      timer.cancel();
    }
  }

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    var pending = new Pending(nanos + Math.max(0, delay.toNanos()), created++, task);
    timers.add(pending);
    return () -> {
      synchronized (this) {
        timers.remove(pending);
      }
    };
  }

  /** Moves the clock and runs what falls due, including what the tasks themselves set. */
  public void advance(Duration duration) {
    advanceTo(nanos() + duration.toNanos());
  }

  /** Moves the clock to the next timer and runs it; false when none waits. */
  public boolean advanceToNext() {
    long due;
    synchronized (this) {
      Pending next = timers.peek();
      if (next == null) {
        return false;
      }
      due = next.due();
    }
    runDue(due, 1);
    return true;
  }

  /** How long until the next timer is due. */
  public synchronized Optional<Duration> untilNext() {
    return Optional.ofNullable(timers.peek()).map(next -> Duration.ofNanos(next.due() - nanos));
  }

  /** How many timers (and sleepers) wait. */
  public synchronized int waiting() {
    return timers.size();
  }

  private void advanceTo(long target) {
    runDue(target, Long.MAX_VALUE);
    synchronized (this) {
      nanos = Math.max(nanos, target);
    }
  }

  private void runDue(long target, long atMost) {
    for (long run = 0; run < atMost; run++) {
      Pending next;
      synchronized (this) {
        next = timers.peek();
        if (next == null || next.due() > target) {
          return;
        }
        timers.remove();
        nanos = Math.max(nanos, next.due());
        advancing = Thread.currentThread();
      }
      try {
        next.task().run();
      } finally {
        synchronized (this) {
          advancing = null;
        }
      }
    }
  }

  private record Pending(long due, long order, Runnable task) {}
}
