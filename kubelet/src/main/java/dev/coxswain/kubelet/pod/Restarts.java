package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerRestartRule;
import io.fabric8.kubernetes.api.model.ContainerRestartRuleOnExitCodes;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;

/** Whether and when a container that ended starts again. */
final class Restarts {
  /** Upstream's first back-off. */
  static final Duration FIRST = Duration.ofSeconds(10);

  /**
   * A container that ran this long starts again as if it had never failed. As upstream has it, that
   * is the same however short the longest back-off is made.
   */
  static final Duration FORGIVEN_AFTER = Duration.ofMinutes(10);

  private Restarts() {}

  /** Whether the pod wants the container again after it ended. */
  static boolean wanted(PodView view, Member member, ContainerView ended) {
    boolean stopped = view.successor(ended) != PodAction.Successor.BY_POLICY;
    if (stopped && !"Never".equals(own(member, view.pod().getSpec().getRestartPolicy()))) {
      return true;
    }
    return wanted(view.pod(), member, ended.exitCode());
  }

  private static boolean wanted(Pod pod, Member member, int exitCode) {
    String podPolicy = pod.getSpec().getRestartPolicy();
    return switch (member.kind()) {
      case SIDECAR -> true;
      case EPHEMERAL -> false;
      case INIT ->
          exitCode != 0 && (ruled(member, exitCode) || !"Never".equals(own(member, podPolicy)));
      case MAIN ->
          ruled(member, exitCode)
              || switch (own(member, podPolicy)) {
                case "Never" -> false;
                case "OnFailure" -> exitCode != 0;
                default -> true;
              };
    };
  }

  /** When the successor of an ended container may start. */
  static Instant at(PodView view, ContainerView ended) {
    return forgiven(view, ended) ? ended.ended() : ended.ended().plus(ended.backoff());
  }

  /**
   * The back-off that the successor of an ended container carries.
   *
   * @param longest the longest, of which the first may be told as well
   */
  static Duration next(PodView view, ContainerView ended, Duration longest) {
    if (view.successor(ended) == PodAction.Successor.AT_ONCE) {
      return Duration.ZERO;
    }
    boolean anew = forgiven(view, ended) || ended.backoff().isZero();
    Duration next = anew ? FIRST : ended.backoff().multipliedBy(2);
    return next.compareTo(longest) > 0 ? longest : next;
  }

  private static boolean forgiven(PodView view, ContainerView ended) {
    if (view.successor(ended) == PodAction.Successor.AT_ONCE) {
      return true;
    }
    // Whoever mends the image need not wait for what the old one has brought about.
    if (Member.find(view.pod(), ended.name()).filter(ended::outdated).isPresent()) {
      return true;
    }
    return ended.startedAt() != null
        && Duration.between(ended.startedAt(), ended.ended()).compareTo(FORGIVEN_AFTER) > 0;
  }

  private static String own(Member member, String podPolicy) {
    String policy = member.container().getRestartPolicy();
    if (policy != null) {
      return policy;
    }
    return podPolicy == null ? "Always" : podPolicy;
  }

  private static boolean ruled(Member member, int exitCode) {
    Container container = member.container();
    for (ContainerRestartRule rule : container.getRestartPolicyRules()) {
      ContainerRestartRuleOnExitCodes codes = rule.getExitCodes();
      if (codes != null && "Restart".equals(rule.getAction())) {
        boolean listed = codes.getValues().contains(exitCode);
        if ("In".equals(codes.getOperator()) == listed) {
          return true;
        }
      }
    }
    return false;
  }
}
