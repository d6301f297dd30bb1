package dev.coxswain.kubelet.pressure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How the node deals with shortages.
 *
 * @param transition for how long a condition stays after what caused it
 * @param mostGrace the longest grace of a pod that a soft threshold ends
 */
public record EvictionSettings(
    List<Threshold> thresholds, Duration transition, Duration mostGrace) {
  public EvictionSettings {
    thresholds = List.copyOf(thresholds);
  }

  /** What hard thresholds keep from pods, by resource, as upstream takes it off allocatable. */
  public Map<String, Long> reserved(long memory, long storage) {
    return thresholds.stream()
        .filter(Threshold::hard)
        .filter(one ->
            one.signal() == Signal.MEMORY_AVAILABLE || one.signal() == Signal.NODEFS_AVAILABLE)
        .collect(
            Collectors.toMap(
                one -> one.signal().resource(),
                one ->
                    one.amount().of(one.signal() == Signal.MEMORY_AVAILABLE ? memory : storage)));
  }
}
