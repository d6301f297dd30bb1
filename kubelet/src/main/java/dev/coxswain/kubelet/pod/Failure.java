package dev.coxswain.kubelet.pod;

import java.time.Duration;
import java.time.Instant;

/**
 * The last failure to start something, as its waiting state shows it.
 *
 * @param reason upstream's reason, such as {@code ErrImagePull}
 * @param image the image that is missing; empty where the failure is another
 * @param at when it failed
 * @param retryAt when what failed is tried again
 * @param lookAt when to look whether what was missing has come by itself; at {@code retryAt} where
 *     it cannot
 */
public record Failure(
    String reason, String message, String image, Instant at, Instant retryAt, Instant lookAt) {
  /** A pull that failed and is not repeated yet. */
  public static final String ERR_IMAGE_PULL = "ErrImagePull";

  /** A failure that no image is the cause of. */
  public Failure(String reason, String message, Instant at, Instant retryAt) {
    this(reason, message, "", at, retryAt, retryAt);
  }

  /** How long the first cause is shown before the state says that it is backing off. */
  private static final Duration CAUSE_SHOWN = Duration.ofSeconds(3);

  /** The waiting state's reason at this time: a failed pull turns into a back-off. */
  public String shownReason(Instant now) {
    return backsOff(now) ? "ImagePullBackOff" : reason;
  }

  /** The waiting state's message at this time. */
  public String shownMessage(Instant now) {
    return backsOff(now)
        ? "Back-off pulling image \"" + image + "\": " + reason + ": " + message
        : message;
  }

  /** When what it shows changes by itself. */
  Instant changesAt(Instant now) {
    Instant turn = at.plus(CAUSE_SHOWN);
    return reason.equals(ERR_IMAGE_PULL) && now.isBefore(turn) && turn.isBefore(lookAt)
        ? turn
        : lookAt;
  }

  private boolean backsOff(Instant now) {
    return reason.equals(ERR_IMAGE_PULL)
        && !now.isBefore(at.plus(CAUSE_SHOWN))
        && now.isBefore(retryAt);
  }
}
