package dev.coxswain.kubelet.image;

import java.time.Instant;

/** An image that a container cannot have now. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final transient Instant retryAt;

  ImageException(String reason, String message, Instant retryAt) {
    super(message);
    this.reason = reason;
    this.retryAt = retryAt;
  }

  /** Upstream's reason, such as {@code ErrImagePull}. */
  public String reason() {
    return reason;
  }

  /** When to ask again. */
  public Instant retryAt() {
    return retryAt;
  }
}
