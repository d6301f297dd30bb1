package dev.coxswain.kubelet.pressure;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns readings into what the node is short of and what it must act on: a threshold counts from
 * its grace period on and until its minimum is reclaimed; a condition stays for the transition
 * period, so that it does not flutter. No clock and no IO of its own. Owned by one thread.
 */
final class ShortageWatch {
  private final List<Threshold> thresholds;
  private final Duration transition;
  private final Map<Threshold, Instant> since = new HashMap<>();
  private final Map<Pressure, Instant> lastSeen = new EnumMap<>(Pressure.class);
  private Set<Threshold> acting = Set.of();

  ShortageWatch(List<Threshold> thresholds, Duration transition) {
    this.thresholds = List.copyOf(thresholds);
    this.transition = transition;
  }

  /**
   * What holds now.
   *
   * @param starved the most urgent threshold to act on
   */
  record Finding(Set<Pressure> pressures, Optional<Threshold> starved) {}

  Finding observe(Map<Signal, Reading> readings, Instant now) {
    Set<Threshold> crossed = new HashSet<>();
    for (Threshold threshold : thresholds) {
      if (threshold.crossed(readings, acting.contains(threshold))) {
        crossed.add(threshold);
      }
    }
    since.keySet().retainAll(crossed);
    crossed.forEach(threshold -> since.putIfAbsent(threshold, now));
    crossed.forEach(threshold -> lastSeen.put(threshold.signal().pressure(), now));
    lastSeen.values().removeIf(at -> at.isBefore(now) && !now.isBefore(at.plus(transition)));
    acting = new HashSet<>(crossed);
    acting.removeIf(threshold -> now.isBefore(at(threshold, now).plus(threshold.grace())));
    Set<Pressure> pressures = EnumSet.noneOf(Pressure.class);
    pressures.addAll(lastSeen.keySet());
    return new Finding(
        pressures,
        acting.stream()
            .min(
                Comparator.comparing(Threshold::signal)
                    .thenComparing(Threshold::hard, Comparator.reverseOrder())));
  }

  private Instant at(Threshold threshold, Instant now) {
    return since.getOrDefault(threshold, now);
  }
}
