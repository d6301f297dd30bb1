package dev.coxswain.runtime.client;

import dev.coxswain.runtime.time.Randomness;
import java.time.Duration;

/**
 * Growing pauses: doubling from the first to the longest, each stretched at random by up to a half
 * so that many who failed together do not come back together. Not thread-safe.
 */
public final class Backoff {
  private static final double JITTER = 0.5;

  private final Duration first;
  private final Duration longest;
  private final Randomness random;
  private int failures;

  public Backoff(Duration first, Duration longest, Randomness random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  /** The pause after one more failure. */
  public Duration next() {
    return random.jitter(pause(first, longest, failures++), JITTER);
  }

  /** It worked: start again with the first. */
  public void reset() {
    failures = 0;
  }

  /** The pause after so many earlier failures, without jitter. */
  static Duration pause(Duration first, Duration longest, int failures) {
    // 2^30 times any first pause is longer than any longest one.
    Duration grown = first.multipliedBy(1L << Math.min(failures, 30));
    return grown.compareTo(longest) < 0 ? grown : longest;
  }
}
