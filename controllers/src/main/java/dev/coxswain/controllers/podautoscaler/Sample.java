package dev.coxswain.controllers.podautoscaler;

import java.time.Duration;
import java.time.Instant;

/**
 * What a pod used of one resource.
 *
 * @param milli the usage in thousandths of the resource's unit
 * @param taken the end of the time over which it was measured
 * @param window how long that time was
 */
record Sample(long milli, Instant taken, Duration window) {

  /** A usage that was not measured but is assumed. */
  static Sample assumed(long milli) {
    return new Sample(milli, Instant.EPOCH, Duration.ZERO);
  }
}
