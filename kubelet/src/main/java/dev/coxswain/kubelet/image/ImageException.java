package dev.coxswain.kubelet.image;

import java.time.Instant;

/** An image that a container cannot have now. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String reference;
  private final transient Times times;

  /**
   * When what happens.
   *
   * @param failed when it failed; a pull that is not repeated yet keeps its time
   * @param retry when to try the pull again
   * @param look when to look whether the image has come by itself, at the latest then
   */
  record Times(Instant failed, Instant retry, Instant look) {}

  ImageException(String reason, String reference, String message, Times times) {
    super(message);
    this.reason = reason;
    this.reference = reference;
    this.times = times;
  }

  /** Upstream's reason, such as {@code ErrImagePull}. */
  public String reason() {
    return reason;
  }

  /** Which image. */
  public String reference() {
    return reference;
  }

  /** When it failed. */
  public Instant failedAt() {
    return times.failed();
  }

  /** When the pull is tried again. */
  public Instant retryAt() {
    return times.retry();
  }

  /** When to ask again: somebody may have imported the image before the pull is repeated. */
  public Instant lookAt() {
    return times.look();
  }
}
