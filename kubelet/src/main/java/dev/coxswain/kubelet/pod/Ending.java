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
 * @param disruption what the condition {@code DisruptionTarget} says where the node ends the pod
 *     for the sake of others; empty otherwise
 */
public record Ending(
    boolean deleted,
    Instant since,
    Duration grace,
    String reason,
    String message,
    String disruption) {

  /** The API asked for it. */
  public static Ending deleted(Instant since, Duration grace) {
    return new Ending(true, since, grace, "", "", "");
  }

  /** The pod came to its own end. */
  public static Ending finished(Instant since, Duration grace) {
    return new Ending(false, since, grace, "", "", "");
  }

  /** The pod fails by its own doing. */
  public static Ending failed(Instant since, Duration grace, String reason, String message) {
    return new Ending(false, since, grace, reason, message, "");
  }

  /** The pod fails for the sake of others on the node. */
  public static Ending disrupted(
      Instant since, Duration grace, String reason, String message, String disruption) {
    return new Ending(false, since, grace, reason, message, disruption);
  }

  /** What is left of the grace period; never less than the second that SIGTERM needs. */
  public Duration remaining(Instant now) {
    Duration left = Duration.between(now, since.plus(grace));
    return left.compareTo(MINIMUM) < 0 ? MINIMUM.compareTo(grace) < 0 ? MINIMUM : grace : left;
  }

  private static final Duration MINIMUM = Duration.ofSeconds(1);
}
