package dev.coxswain.controllers.manager;

import java.time.Duration;

/** How a reconcile ended, failures apart: those are thrown. */
public sealed interface Outcome {

  /** Nothing to do until something wakes the key. */
  record Done() implements Outcome {}

  /** To be called again after a while, even if nothing wakes the key before. */
  record Again(Duration after) implements Outcome {}

  /** Nothing to do until something wakes the key. */
  static Outcome done() {
    return new Done();
  }

  /** To be called again after the duration at the latest. */
  static Outcome again(Duration after) {
    return new Again(after);
  }

  /** The outcome that calls sooner. */
  default Outcome orSooner(Outcome other) {
    return switch (this) {
      case Done() -> other;
      case Again(Duration mine) ->
          switch (other) {
            case Done() -> this;
            case Again(Duration theirs) -> mine.compareTo(theirs) <= 0 ? this : other;
          };
    };
  }
}
