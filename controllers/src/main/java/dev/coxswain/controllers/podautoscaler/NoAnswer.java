package dev.coxswain.controllers.podautoscaler;

/** That a metric, or all of them, say nothing about how many replicas there should be. */
final class NoAnswer extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * @param reason for the condition and the event, such as {@code FailedGetResourceMetric}
   */
  NoAnswer(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  /** The same under a reason, with what was tried before what went wrong. */
  NoAnswer as(String newReason, String attempt) {
    return new NoAnswer(newReason, attempt + ": " + message());
  }

  /** The same with what was tried before what went wrong. */
  NoAnswer within(String attempt) {
    return as(reason, attempt);
  }
}
