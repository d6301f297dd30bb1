package dev.coxswain.kubelet.probe;

import java.util.Optional;

/**
 * The outcome of one check.
 *
 * @param failure why it failed, in upstream's words; empty if it passed
 * @param warning what is odd about it although it passed; empty for nothing
 * @param unknown whether it could not be run at all, so that it says nothing about the container
 */
public record CheckResult(Optional<String> failure, Optional<String> warning, boolean unknown) {
  /** It passed. */
  static final CheckResult PASSED = new CheckResult(Optional.empty(), Optional.empty(), false);

  static CheckResult passed(String warning) {
    return new CheckResult(Optional.empty(), Optional.of(warning), false);
  }

  static CheckResult failed(String why) {
    return new CheckResult(Optional.of(why), Optional.empty(), false);
  }

  static CheckResult unknown(String why) {
    return new CheckResult(Optional.of(why), Optional.empty(), true);
  }

  boolean passed() {
    return failure.isEmpty();
  }
}
