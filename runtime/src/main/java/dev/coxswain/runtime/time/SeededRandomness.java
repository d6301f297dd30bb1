package dev.coxswain.runtime.time;

import java.util.SplittableRandom;

/** The same seed gives the same sequence, on every machine. */
final class SeededRandomness implements Randomness {
  private final SplittableRandom source;

  SeededRandomness(long seed) {
    source = new SplittableRandom(seed);
  }

  @Override
  public synchronized long bits() {
    return source.nextLong();
  }
}
