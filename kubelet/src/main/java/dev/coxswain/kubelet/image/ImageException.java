package dev.coxswain.kubelet.image;

import java.time.Instant;

/** An image that a container cannot have now. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String reference;
  private final transient Instant retryAt;

  ImageException(String reason, String reference, String message, Instant retryAt) {
    super(message);
    this.reason = reason;
    this.reference = reference;
    this.retryAt = retryAt;
  }

  /** Upstream's reason, such as {@code ErrImagePull}. */
  public String reason() {
    return reason;
  }

  /** Which image. */
  public String reference() {
    return reference;
  }

  /** When to ask again. */
  public Instant retryAt() {
    return retryAt;
  }
}
