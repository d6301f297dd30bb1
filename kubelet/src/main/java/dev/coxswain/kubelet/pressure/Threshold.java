package dev.coxswain.kubelet.pressure;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Below this the node acts.
 *
 * @param grace for how long it must be so before pods are ended; zero for a hard threshold
 * @param reclaim how much beyond the amount must be free before the node is content again
 */
public record Threshold(Signal signal, Amount amount, Duration grace, Amount reclaim) {

  boolean hard() {
    return grace.isZero();
  }

  /**
   * Whether there is too little.
   *
   * @param acting whether the node acts on it already, and so wants the minimum reclaimed
   */
  boolean crossed(Map<Signal, Reading> readings, boolean acting) {
    @Nullable Reading reading = readings.get(signal);
    // A file system without a fixed number of inodes cannot run out of them.
    if (reading == null || reading.capacity() == 0) {
      return false;
    }
    long wanted = amount.of(reading.capacity());
    return acting
        ? reading.available() < wanted + reclaim.of(reading.capacity())
        : reading.available() < wanted;
  }
}
