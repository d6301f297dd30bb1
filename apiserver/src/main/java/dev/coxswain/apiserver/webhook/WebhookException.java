package dev.coxswain.apiserver.webhook;

/** A webhook did not answer, or not with what was asked for. */
public final class WebhookException extends Exception {
  private static final long serialVersionUID = 1L;

  /** One with a message in upstream's words. */
  public WebhookException(String message) {
    super(message);
  }

  /** One with a cause. */
  public WebhookException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The message. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
