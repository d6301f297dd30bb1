package dev.coxswain.runtime.time;

import java.time.Duration;
import java.time.Instant;

/**
 * The only way to the clock. Every class that needs the time, a delay or a timer takes a {@code
 * Time} in its constructor, so that a simulation can drive it; {@link SystemTime} is the real one.
 */
public interface Time {

  /** The wall clock. May jump; use it only for timestamps that people or other machines read. */
  Instant now();

  /** A monotonic reading in nanoseconds, for durations and deadlines. */
  long nanos();

  /** Blocks the calling (virtual) thread. */
  void sleep(Duration duration) throws InterruptedException;

  /** Runs the task once on a thread of its own after the delay, unless it is cancelled before. */
  Timer after(Duration delay, Runnable task);

  /** A task that may still be waiting. */
  interface Timer {
    /** Keeps the task from starting; does nothing once it has started. */
    void cancel();
  }
}
