package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicy;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicyBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How fast a target may grow and shrink: what the measured load asks for is held back until it has
 * lasted, and taken in steps. Pure; upstream's rules and words.
 */
record Pace(Rules up, Rules down) {
  private static final Rules USUAL_UP =
      new Rules(Duration.ZERO, "Max", List.of(policy("Pods", 4), policy("Percent", 100)));

  private static final Rules USUAL_DOWN =
      new Rules(Duration.ofMinutes(5), "Max", List.of(policy("Percent", 100)));

  /**
   * The rules of one direction.
   *
   * @param window how long a wish must have lasted
   * @param select {@code Max}, {@code Min} or {@code Disabled}
   * @param policies the steps
   */
  record Rules(Duration window, String select, List<HPAScalingPolicy> policies) {}

  /** A number of replicas, and why it is not what was asked for; no reason where it is. */
  record Verdict(int replicas, String reason, String message) {
    boolean limited() {
      return !reason.equals("DesiredWithinRange");
    }
  }

  private static HPAScalingPolicy policy(String type, int value) {
    return new HPAScalingPolicyBuilder()
        .withType(type)
        .withValue(value)
        .withPeriodSeconds(15)
        .build();
  }

  static Pace of(@Nullable HorizontalPodAutoscalerBehavior behavior) {
    return behavior == null
        ? new Pace(USUAL_UP, USUAL_DOWN)
        : new Pace(
            rules(behavior.getScaleUp(), USUAL_UP), rules(behavior.getScaleDown(), USUAL_DOWN));
  }

  private static Rules rules(@Nullable HPAScalingRules given, Rules usual) {
    if (given == null) {
      return usual;
    }
    Integer window = given.getStabilizationWindowSeconds();
    List<HPAScalingPolicy> policies = Meta.list(given.getPolicies());
    return new Rules(
        window == null ? usual.window() : Duration.ofSeconds(window),
        given.getSelectPolicy() == null ? usual.select() : given.getSelectPolicy(),
        policies.isEmpty() ? usual.policies() : policies);
  }

  /** How long any rule looks back: what is older need not be remembered. */
  Duration memory() {
    Duration longest = up.window().compareTo(down.window()) > 0 ? up.window() : down.window();
    for (Rules rules : List.of(up, down)) {
      for (HPAScalingPolicy policy : rules.policies()) {
        Duration period = Duration.ofSeconds(policy.getPeriodSeconds());
        longest = period.compareTo(longest) > 0 ? period : longest;
      }
    }
    return longest;
  }

  /** Holds a wish back that has not lasted; its reason is empty where it may go on. */
  Verdict stabilize(int current, int wanted, History history, Instant now) {
    int least = Math.min(wanted, history.recommended(now.minus(up.window())).min().orElse(wanted));
    int most = Math.max(wanted, history.recommended(now.minus(down.window())).max().orElse(wanted));
    int settled = Math.min(Math.max(current, least), most);
    if (settled == wanted) {
      return new Verdict(wanted, "ReadyForNewScale", "recommended size matches current size");
    }
    return wanted > settled
        ? new Verdict(
            settled,
            "ScaleUpStabilized",
            "recent recommendations were lower than current one, applying the lowest recent"
                + " recommendation")
        : new Verdict(
            settled,
            "ScaleDownStabilized",
            "recent recommendations were higher than current one, applying the highest recent"
                + " recommendation");
  }

  /** Takes the next step towards a wish within the bounds. */
  Verdict limit(int current, int wanted, int minimum, int maximum, History history, Instant now) {
    if (wanted > current) {
      int step = Math.max(current, highest(current, history, now));
      int most = Math.min(maximum, step);
      if (wanted > most) {
        return maximum > step
            ? new Verdict(
                most,
                "ScaleUpLimit",
                "the desired replica count is increasing faster than the maximum scale rate")
            : new Verdict(
                most,
                "TooManyReplicas",
                "the desired replica count is more than the maximum replica count");
      }
    } else if (wanted < current) {
      int step = Math.min(current, lowest(current, history, now));
      int least = Math.max(minimum, step);
      if (wanted < least) {
        return minimum < step
            ? new Verdict(
                least,
                "ScaleDownLimit",
                "the desired replica count is decreasing faster than the maximum scale rate")
            : new Verdict(
                least,
                "TooFewReplicas",
                "the desired replica count is less than the minimum replica count");
      }
    }
    return new Verdict(
        wanted, "DesiredWithinRange", "the desired count is within the acceptable range");
  }

  private int highest(int current, History history, Instant now) {
    IntStream steps =
        steps(
            up,
            current,
            history,
            now,
            (start, policy) ->
                policy.getType().equals("Pods")
                    ? start + (long) policy.getValue()
                    : (long) Math.ceil(start * (1 + policy.getValue() / 100.0)));
    return switch (up.select()) {
      case "Disabled" -> current;
      case "Min" -> steps.min().orElse(current);
      default -> steps.max().orElse(current);
    };
  }

  private int lowest(int current, History history, Instant now) {
    IntStream steps =
        steps(
            down,
            current,
            history,
            now,
            (start, policy) ->
                policy.getType().equals("Pods")
                    ? start - (long) policy.getValue()
                    : (long) (start * (1 - policy.getValue() / 100.0)));
    return switch (down.select()) {
      case "Disabled" -> current;
      case "Min" -> steps.max().orElse(current);
      default -> steps.min().orElse(current);
    };
  }

  @FunctionalInterface
  private interface Step {
    long from(int start, HPAScalingPolicy policy);
  }

  /** Where each policy leads from what the target had when its period began. */
  private static IntStream steps(
      Rules rules, int current, History history, Instant now, Step step) {
    return rules.policies().stream()
        .mapToInt(policy -> {
          int start = current - history.changed(now.minusSeconds(policy.getPeriodSeconds()));
          return Math.clamp(step.from(start, policy), 0, Integer.MAX_VALUE);
        });
  }
}
