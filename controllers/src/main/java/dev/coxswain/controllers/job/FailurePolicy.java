package dev.coxswain.controllers.job;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code .spec.podFailurePolicy} says of a failed pod: the first rule that matches it. */
final class FailurePolicy {
  private FailurePolicy() {}

  /** What a failure means. */
  sealed interface Verdict {
    /** It counts towards the limits, as without a policy. */
    record Counts() implements Verdict {}

    /** It is replaced and not counted. */
    record Ignored() implements Verdict {}

    /** Its index is given up. */
    record FailsIndex() implements Verdict {}

    /** The Job is given up, for the reason that the message says. */
    record FailsJob(String message) implements Verdict {}

    default boolean counted() {
      return !(this instanceof Ignored);
    }
  }

  /** The verdict on a failed pod. */
  static Verdict verdict(Job job, Pod pod) {
    var policy = job.getSpec().getPodFailurePolicy();
    List<PodFailurePolicyRule> rules = policy == null ? List.of() : Meta.list(policy.getRules());
    for (int i = 0; i < rules.size(); i++) {
      Optional<String> match = match(rules.get(i), pod);
      if (match.isPresent()) {
        String action = Meta.text(rules.get(i).getAction());
        return switch (action) {
          case "Ignore" -> new Verdict.Ignored();
          case "FailIndex" -> new Verdict.FailsIndex();
          case "FailJob" ->
              new Verdict.FailsJob(match.get() + " matching FailJob rule at index " + i);
          default -> new Verdict.Counts();
        };
      }
    }
    return new Verdict.Counts();
  }

  /** What about the pod matched the rule, in words. */
  private static Optional<String> match(PodFailurePolicyRule rule, Pod pod) {
    if (rule.getOnExitCodes() != null) {
      return exited(rule.getOnExitCodes(), pod)
          .map(container ->
              "Container "
                  + container.getName()
                  + " for pod "
                  + Meta.key(pod)
                  + " failed with exit code "
                  + container.getState().getTerminated().getExitCode());
    }
    return Meta.list(rule.getOnPodConditions()).stream()
        .flatMap(pattern ->
            Pods.condition(pod, pattern.getType())
                .filter(condition -> matches(pattern.getStatus(), condition))
                .stream())
        .findFirst()
        .map(condition -> "Pod " + Meta.key(pod) + " has condition " + condition.getType());
  }

  private static boolean matches(@Nullable String wanted, PodCondition condition) {
    return (wanted == null ? "True" : wanted).equals(condition.getStatus());
  }

  private static Optional<ContainerStatus> exited(
      PodFailurePolicyOnExitCodesRequirement requirement, Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    boolean in = "In".equals(requirement.getOperator());
    String name = Meta.text(requirement.getContainerName());
    return Stream.concat(
            Meta.list(pod.getStatus().getContainerStatuses()).stream(),
            Meta.list(pod.getStatus().getInitContainerStatuses()).stream())
        .filter(container -> name.isEmpty() || name.equals(container.getName()))
        .filter(container -> {
          int code = exitCode(container);
          return code != 0 && Meta.list(requirement.getValues()).contains(code) == in;
        })
        .findFirst();
  }

  /** 0 for one that has not ended, too. */
  private static int exitCode(ContainerStatus container) {
    return container.getState() == null || container.getState().getTerminated() == null
        ? 0
        : Meta.number(container.getState().getTerminated().getExitCode(), 0);
  }
}
