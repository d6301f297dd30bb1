package dev.coxswain.kubelet.probe;

import java.util.Optional;

/**
 * The outcome of one check.
 *
 * @param failure why it failed, in upstream's words; empty if it passed
 * @param unknown whether it could not be run at all, so that it says nothing about the container
 */
public record CheckResult(Optional<String> failure, boolean unknown) {
  /** It passed. */
  static final CheckResult PASSED = new CheckResult(Optional.empty(), false);

  static CheckResult failed(String why) {
    return new CheckResult(Optional.of(why), false);
  }

  static CheckResult unknown(String why) {
    return new CheckResult(Optional.of(why), true);
  }

  boolean passed() {
    return failure.isEmpty();
  }
}
