package dev.coxswain.store.metrics;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Says when the disk is too slow for a store: when in a minute more than one of a hundred flushes
 * of the log takes over 10 ms, the figure by which etcd's own guide calls a disk fast enough.
 */
final class SlowDisk {
  static final Duration LIMIT = Duration.ofMillis(10);
  private static final Duration WINDOW = Duration.ofMinutes(1);

  /** Of fewer, one may be slow by chance. */
  private static final long LEAST_FLUSHES = 100;

  private static final long NANOS_A_MILLI = 1_000_000;

  private final Time time;
  private final Consumer<String> say;
  private long windowStarted;
  private long flushes;
  private long over;
  private long longest;
  private volatile boolean slow;

  /** Speaks to an operator. */
  SlowDisk(Time time, Consumer<String> say) {
    this.time = time;
    this.say = say;
    this.windowStarted = time.nanos();
  }

  /** Whether it was in the last minute in which enough was written to tell. */
  boolean slow() {
    return slow;
  }

  /** A flush took so many nanoseconds. */
  synchronized void flushed(long nanos) {
    flushes++;
    over += nanos > LIMIT.toNanos() ? 1 : 0;
    longest = Math.max(longest, nanos);
    long now = time.nanos();
    if (now - windowStarted >= WINDOW.toNanos() && flushes >= LEAST_FLUSHES) {
      judge();
      windowStarted = now;
      flushes = 0;
      over = 0;
      longest = 0;
    }
  }

  // One line when it becomes slow and one when it is fast again, not one a minute.
  private void judge() {
    boolean slowNow = over * 100 > flushes;
    if (slowNow && !slow) {
      say.accept(
          "the disk is slow: %d of the last %d flushes of the log took over %d ms, the longest %d ms; writes wait for it"
              .formatted(over, flushes, LIMIT.toMillis(), longest / NANOS_A_MILLI));
    } else if (!slowNow && slow) {
      say.accept(
          "the disk is fast enough again: %d of the last %d flushes of the log took over %d ms"
              .formatted(over, flushes, LIMIT.toMillis()));
    }
    slow = slowNow;
  }
}
