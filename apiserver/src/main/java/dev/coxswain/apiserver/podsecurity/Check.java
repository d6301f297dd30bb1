package dev.coxswain.apiserver.podsecurity;

import java.util.List;
import java.util.Optional;

/** One rule of the Pod Security Standards. */
@FunctionalInterface
interface Check {
  /** How a pod breaks the rule, as the policy's version has it; empty where it does not. */
  Optional<Violation> violation(PodView pod, Policy policy);

  /** A violation where anything is wrong. */
  static Optional<Violation> when(List<String> problems, String reason) {
    return problems.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation(reason, String.join("; ", problems)));
  }
}
