package dev.coxswain.kubelet.report;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much processor time is used in a second, from two looks at the counter. Bounded: {@link
 * #retain} drops what is gone. Thread-safe.
 */
final class CpuRates {
  /** Looks closer than this give no rate worth telling. */
  private static final long LEAST_NANOS = 1_000_000_000;

  private record Look(long at, long used, @Nullable Long rate) {}

  private final Map<String, Look> looks = new HashMap<>();

  /**
   * Nanoseconds of processor time in a second; empty at the first look.
   *
   * @param at monotonic nanoseconds
   * @param used the counter, in nanoseconds
   */
  synchronized OptionalLong rate(String subject, long at, long used) {
    @Nullable Look before = looks.get(subject);
    if (before == null || used < before.used()) {
      looks.put(subject, new Look(at, used, null));
      return OptionalLong.empty();
    }
    if (at - before.at() < LEAST_NANOS) {
      return before.rate() == null ? OptionalLong.empty() : OptionalLong.of(before.rate());
    }
    long rate = (long) ((used - before.used()) * 1e9 / (at - before.at()));
    looks.put(subject, new Look(at, used, rate));
    return OptionalLong.of(rate);
  }

  synchronized void retain(Set<String> subjects) {
    looks.keySet().retainAll(subjects);
  }
}
