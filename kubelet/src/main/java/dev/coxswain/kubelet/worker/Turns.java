package dev.coxswain.kubelet.worker;

import java.time.Duration;
import java.time.Instant;

/**
 * When statuses are written that nobody waits for: each a while later, and where many come at once,
 * one after the other. Most of them never are, because news that presses takes them along.
 */
final class Turns {
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration APART = Duration.ofMillis(200);

  /** Upstream's period for statuses that were left over. */
  private static final Duration MOST = Duration.ofSeconds(10);

  private Instant last = Instant.MIN;

  /** When a status may be written that has changed now. */
  synchronized Instant next(Instant now) {
    Instant turn = later(now.plus(LEAST), last.equals(Instant.MIN) ? last : last.plus(APART));
    if (turn.isAfter(now.plus(MOST))) {
      return now.plus(MOST);
    }
    last = turn;
    return turn;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
