package dev.coxswain.apiserver.podsecurity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Holds pods to policies. */
final class Standards {
  private Standards() {}

  /** How a pod breaks a policy. */
  static List<Violation> violations(PodView pod, Policy policy) {
    List<Violation> violations = new ArrayList<>();
    switch (policy.level()) {
      case PRIVILEGED -> {}
      case BASELINE -> collect(Baseline.ALL, pod, policy, violations);
      case RESTRICTED -> {
        collect(Baseline.KEPT, pod, policy, violations);
        if (!policy.since(22)) {
          // Before that version the stricter rule on capabilities was none yet.
          collect(Baseline.REPLACED.subList(0, 1), pod, policy, violations);
        }
        collect(Restricted.ALL, pod, policy, violations);
      }
    }
    return violations;
  }

  private static void collect(
      List<Check> checks, PodView pod, Policy policy, List<Violation> violations) {
    checks.forEach(check -> check.violation(pod, policy).ifPresent(violations::add));
  }

  /** As a refusal or a warning lists them. */
  static String printed(List<Violation> violations) {
    return violations.stream().map(Violation::toString).collect(Collectors.joining(", "));
  }
}
