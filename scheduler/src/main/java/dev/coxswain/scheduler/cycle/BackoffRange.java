package dev.coxswain.scheduler.cycle;

import dev.coxswain.scheduler.queue.SchedulingQueue;
import java.time.Duration;

/**
 * How long a pod waits between attempts.
 *
 * @param first after the first; doubles from there
 * @param last at most
 */
public record BackoffRange(Duration first, Duration last) {
  /** Upstream's defaults. */
  public static final BackoffRange DEFAULT =
      new BackoffRange(SchedulingQueue.FIRST_BACKOFF, SchedulingQueue.LAST_BACKOFF);
}
