package dev.coxswain.apiserver.audit;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;

/** Lets so many pass in a second, and some at once where few came before. For one thread. */
final class Throttle {
  private final double perSecond;
  private final int burst;
  private final Time time;
  private double tokens;
  private long filledAt;

  Throttle(double perSecond, int burst, Time time) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.time = time;
    this.tokens = burst;
    this.filledAt = time.nanos();
  }

  /** Returns when the next one may pass. */
  void pass() throws InterruptedException {
    long now = time.nanos();
    tokens = Math.min(burst, tokens + (now - filledAt) / 1e9 * perSecond);
    filledAt = now;
    tokens--;
    if (tokens < 0) {
      time.sleep(Duration.ofNanos((long) (-tokens / perSecond * 1e9)));
    }
  }
}
