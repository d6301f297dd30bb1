package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The pod's state machine: what is seen and the time in, actions and status out. Pure, so that it
 * can be asked again after every piece of news and after every crash: all it knows is in the view.
 */
public final class PodDecider {
  /** Upstream's longest wait of a container that ends again and again. */
  public static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(5);

  private static final String TOO_LONG = "DeadlineExceeded";
  private static final String TOO_LONG_MESSAGE =
      "Pod was active on the node longer than the specified deadline";

  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

  private final StatusWriter statuses;
  private final Duration longestBackOff;

  /** A decider for pods of a node with this address. */
  public PodDecider(String hostIp) {
    this(hostIp, LONGEST_BACK_OFF);
  }

  /**
   * A decider for pods of a node with this address.
   *
   * @param longestBackOff the longest that a container waits that ends again and again
   */
  public PodDecider(String hostIp, Duration longestBackOff) {
    this.statuses = new StatusWriter(hostIp);
    this.longestBackOff = longestBackOff;
  }

  /** What to do about the pod now. */
  public PodDecision decide(PodView view, Instant now) {
    Plan plan = new Plan(view.inFlight(), view.resting(), now);
    Optional<Ending> ending = ending(view, now, plan);
    boolean done = false;
    if (ending.isPresent()) {
      done = new Stopping(view, plan, ending.get()).plan();
    } else {
      new Running(view, plan, longestBackOff).plan();
    }
    PodStatus status = statuses.write(view, ending, now);
    return new PodDecision(plan.actions(), status, plan.remarks(), plan.wakeAt(), done);
  }

  /** The grace period that the pod's spec asks for; a negative one counts as a second. */
  public static Duration grace(Pod pod) {
    Long seconds = pod.getSpec().getTerminationGracePeriodSeconds();
    return seconds == null ? DEFAULT_GRACE : Duration.ofSeconds(seconds < 0 ? 1 : seconds);
  }

  /** Whether the phase is one that a pod never leaves. */
  public static boolean terminal(PodStatus status) {
    return "Succeeded".equals(status.getPhase()) || "Failed".equals(status.getPhase());
  }

  private static Optional<Ending> ending(PodView view, Instant now, Plan plan) {
    if (view.ending().isPresent()) {
      return view.ending();
    }
    Duration grace = grace(view.pod());
    if (terminal(view.status()) || Phase.finished(view)) {
      return Optional.of(Ending.finished(now, grace));
    }
    Long deadline = view.pod().getSpec().getActiveDeadlineSeconds();
    String started = view.status().getStartTime();
    if (deadline != null && started != null) {
      Instant end = Instant.parse(started).plusSeconds(deadline);
      if (!now.isBefore(end)) {
        plan.remark(
            new PodDecision.Remark(
                PodDecision.Remark.Type.NORMAL, "", TOO_LONG, TOO_LONG_MESSAGE, started));
        return Optional.of(Ending.failed(now, grace, TOO_LONG, TOO_LONG_MESSAGE));
      }
      plan.wake(end);
    }
    return Optional.empty();
  }
}
