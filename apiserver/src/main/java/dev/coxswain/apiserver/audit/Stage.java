package dev.coxswain.apiserver.audit;

import java.util.Arrays;
import java.util.Optional;

/** A point on a request's way at which an event is told. */
enum Stage {
  /** Who asks is known. */
  REQUEST_RECEIVED("RequestReceived"),
  /** The head of an answer that may last has been sent. */
  RESPONSE_STARTED("ResponseStarted"),
  /** It is answered. */
  RESPONSE_COMPLETE("ResponseComplete"),
  /** The server failed. */
  PANIC("Panic");

  private final String text;

  Stage(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  static Optional<Stage> of(String text) {
    return Arrays.stream(values()).filter(stage -> stage.text.equals(text)).findFirst();
  }
}
