package dev.coxswain.runtime.time;

import java.time.Duration;
import java.util.UUID;

/**
 * The only way to random numbers, for the same reason as {@link Time}: a simulation passes a seeded
 * one and replays. {@link SystemRandomness} is the real one. Thread-safe.
 */
public interface Randomness {
  /** Kubernetes' alphabet for generated names: no vowels, so no words, and nothing look-alike. */
  String NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  /** Uniform over all longs; fit for identifiers and secrets when the source is the real one. */
  long bits();

  /** Uniform in {@code [0, bound)}; the bound is positive. */
  default long below(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, is " + bound);
    }
    long candidate = bits() >>> 1;
    long value = candidate % bound;
    // Rejects the last, incomplete run of remainders, which would favour the small ones.
    while (candidate - value + (bound - 1) < 0) {
      candidate = bits() >>> 1;
      value = candidate % bound;
    }
    return value;
  }

  /** Uniform in {@code [0, 1)}. */
  default double fraction() {
    return (bits() >>> 11) * 0x1.0p-53;
  }

  /** True with this probability. */
  default boolean chance(double probability) {
    return fraction() < probability;
  }

  /** Uniform in {@code [base, base * (1 + factor))}. */
  default Duration jitter(Duration base, double factor) {
    return base.plusNanos((long) (base.toNanos() * factor * fraction()));
  }

  /** A version 4 UUID in its usual spelling. */
  default String uuid() {
    long high = (bits() & ~0xF000L) | 0x4000L;
    long low = (bits() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /** The random tail of a generated name: this many characters of {@link #NAME_ALPHABET}. */
  default String nameSuffix(int length) {
    var suffix = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      suffix.append(NAME_ALPHABET.charAt((int) below(NAME_ALPHABET.length())));
    }
    return suffix.toString();
  }

  /** A repeatable sequence; never for secrets. */
  static Randomness seeded(long seed) {
    return new SeededRandomness(seed);
  }
}
