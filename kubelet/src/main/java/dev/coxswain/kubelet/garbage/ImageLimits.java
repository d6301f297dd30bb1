package dev.coxswain.kubelet.garbage;

import java.time.Duration;

/**
 * When images are removed.
 *
 * @param high percentage of the file system in use above which images go; 100 for never
 * @param low percentage down to which they go
 * @param age younger images stay
 */
public record ImageLimits(int high, int low, Duration age) {
  public ImageLimits {
    if (high < 0 || high > 100) {
      throw new IllegalArgumentException(
          "--image-gc-high-threshold: " + high + " must lie between 0 and 100");
    }
    if (low < 0 || low > 100) {
      throw new IllegalArgumentException(
          "--image-gc-low-threshold: " + low + " must lie between 0 and 100");
    }
    if (low >= high) {
      throw new IllegalArgumentException(
          "--image-gc-low-threshold: " + low + " must be lower than the high threshold " + high);
    }
  }
}
