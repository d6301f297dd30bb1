package dev.coxswain.kubelet.pod;

import java.time.Duration;
import java.time.Instant;

/**
 * Why and how a pod is to stop.
 *
 * @param deleted whether the API asked for it (or no longer knows the pod); otherwise the pod ends
 *     as Failed and stays visible
 * @param since when the node learned of it
 * @param grace how long its processes may take
 * @param reason the status' reason for a pod that fails, such as {@code DeadlineExceeded}; empty
 *     for a deletion
 * @param message the status' message
 */
public record Ending(
    boolean deleted, Instant since, Duration grace, String reason, String message) {

  /** What is left of the grace period; never less than the second that SIGTERM needs. */
  public Duration remaining(Instant now) {
    Duration left = Duration.between(now, since.plus(grace));
    return left.compareTo(MINIMUM) < 0 ? MINIMUM.compareTo(grace) < 0 ? MINIMUM : grace : left;
  }

  private static final Duration MINIMUM = Duration.ofSeconds(1);
}
