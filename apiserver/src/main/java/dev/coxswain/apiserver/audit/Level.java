package dev.coxswain.apiserver.audit;

import java.util.Arrays;
import java.util.Optional;

/** How much of a request is told; each level includes those before it. */
enum Level {
  NONE("None"),
  METADATA("Metadata"),
  REQUEST("Request"),
  REQUEST_RESPONSE("RequestResponse");

  private final String text;

  Level(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  boolean includes(Level other) {
    return compareTo(other) >= 0;
  }

  /** The lower one. */
  Level atMost(Level limit) {
    return includes(limit) ? limit : this;
  }

  static Optional<Level> of(String text) {
    return Arrays.stream(values()).filter(level -> level.text.equals(text)).findFirst();
  }
}
