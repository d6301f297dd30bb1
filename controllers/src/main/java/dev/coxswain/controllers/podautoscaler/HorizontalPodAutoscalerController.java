package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.podautoscaler.Metrics.Proposal;
import dev.coxswain.controllers.podautoscaler.Metrics.Scene;
import dev.coxswain.controllers.podautoscaler.Pace.Verdict;
import dev.coxswain.controllers.podautoscaler.ReplicaCount.Tolerance;
import dev.coxswain.controllers.podautoscaler.ScaleTargets.Target;
import dev.coxswain.runtime.client.ApiClient;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.api.model.autoscaling.v1.ScaleBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a target at as many replicas as the measured load of its pods asks for. What pods use
 * cannot be watched: it is asked for every fifteen seconds, and at once when the object changes.
 */
public final class HorizontalPodAutoscalerController
    implements Reconciler<HorizontalPodAutoscaler> {
  private static final Duration PERIOD = Duration.ofSeconds(15);

  private final ScaleTargets targets;
  private final Metrics metrics;

  /** Bounded by the autoscalers: forgotten with them. */
  private final Map<ObjectKey, History> histories = new ConcurrentHashMap<>();

  /** Which pods each autoscaler was last seen to scale. Bounded as the histories are. */
  private final Map<ObjectKey, LabelSelector> selectors = new ConcurrentHashMap<>();

  public HorizontalPodAutoscalerController(ApiClient api) {
    var kinds = new ServedKinds(api);
    this.targets = new ScaleTargets(api, kinds);
    this.metrics =
        new Metrics(new ResourceMetrics(new PodUsage(api)), new AddedMetrics(api, kinds));
  }

  @Override
  public String name() {
    return "horizontal-pod-autoscaler-controller";
  }

  @Override
  public Watches<HorizontalPodAutoscaler> watches() {
    return Watches.of(HorizontalPodAutoscaler.class).reads(Pod.class);
  }

  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    forget(key);
    return Outcome.done();
  }

  private void forget(ObjectKey key) {
    histories.remove(key);
    selectors.remove(key);
  }

  @Override
  public Outcome reconcile(HorizontalPodAutoscaler wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      forget(Meta.key(wanted));
      return Outcome.done();
    }
    History history = histories.computeIfAbsent(Meta.key(wanted), _ -> new History());
    Instant now = view.now();
    // Its own status wakes it too: that is no reason to measure again.
    int specification = wanted.getSpec().hashCode();
    Instant last = history.counted(specification);
    if (last.isAfter(now.minus(PERIOD))) {
      return Outcome.again(Duration.between(now, last.plus(PERIOD)));
    }
    history.counting(specification, now);
    var status = new AutoscalerStatus(wanted, now);
    try {
      scale(wanted, view, act, history, status);
    } finally {
      HorizontalPodAutoscalerStatus found = status.build();
      if (!found.equals(wanted.getStatus())) {
        act.updateStatus(new HorizontalPodAutoscalerBuilder(wanted).withStatus(found).build());
      }
    }
    return Outcome.again(PERIOD);
  }

  private void scale(
      HorizontalPodAutoscaler wanted,
      View view,
      Actions act,
      History history,
      AutoscalerStatus status) {
    Target target;
    Scale scale;
    try {
      target = targets.find(Meta.namespace(wanted), wanted.getSpec().getScaleTargetRef());
      scale = targets.scale(target);
    } catch (ApiException e) {
      act.warning(wanted, "FailedGetScale", Meta.text(e.getMessage()));
      status.ableToScale(
          false,
          "FailedGetScale",
          "the HPA controller was unable to get the target's current scale: " + e.getMessage());
      return;
    }
    status.ableToScale(
        true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
    Instant now = view.now();
    int current = Meta.number(scale.getSpec().getReplicas(), 0);
    int minimum = Meta.number(wanted.getSpec().getMinReplicas(), 1);
    int maximum = wanted.getSpec().getMaxReplicas();
    // As upstream tells it: what the target wants, which its pods may not have reached.
    status.current(current);
    history.begin(current, now);
    if (current == 0 && minimum != 0) {
      status.replicas(current, 0);
      status.active(
          false,
          "ScalingDisabled",
          "scaling is disabled since the replica count of the target is zero");
      return;
    }
    int desired;
    String reason;
    if (current > maximum) {
      desired = maximum;
      reason = "Current number of replicas above Spec.MaxReplicas";
    } else if (current < minimum) {
      desired = minimum;
      reason = "Current number of replicas below Spec.MinReplicas";
    } else {
      try {
        Proposal proposal = measure(wanted, view, act, scale, current, status);
        desired = paced(wanted, proposal.replicas(), current, history, status, now);
        reason =
            desired > current ? proposal.metric() + " above target" : "All metrics below target";
      } catch (NoAnswer none) {
        act.warning(wanted, "FailedComputeMetricsReplicas", none.message());
        return;
      }
    }
    if (desired == current) {
      status.replicas(current, current);
      return;
    }
    resize(wanted, act, history, status, new Resize(target, scale, desired, reason), now);
  }

  private record Resize(Target target, Scale scale, int replicas, String reason) {
    int from() {
      return Meta.number(scale.getSpec().getReplicas(), 0);
    }
  }

  private void resize(
      HorizontalPodAutoscaler wanted,
      Actions act,
      History history,
      AutoscalerStatus status,
      Resize resize,
      Instant now) {
    try {
      targets.resize(
          resize.target(),
          new ScaleBuilder(resize.scale())
              .editSpec()
              .withReplicas(resize.replicas())
              .endSpec()
              .build());
    } catch (ApiException e) {
      act.warning(
          wanted,
          "FailedRescale",
          "New size: "
              + resize.replicas()
              + "; reason: "
              + resize.reason()
              + "; error: "
              + e.getMessage());
      status.ableToScale(
          false,
          "FailedUpdateScale",
          "the HPA controller was unable to update the target scale: " + e.getMessage());
      return;
    }
    history.scaled(resize.from(), resize.replicas(), now);
    status.replicas(resize.from(), resize.replicas());
    status.scaled();
    status.ableToScale(
        true,
        "SucceededRescale",
        "the HPA controller was able to update the target scale to " + resize.replicas());
    act.normal(
        wanted,
        "SuccessfulRescale",
        "New size: " + resize.replicas() + "; reason: " + resize.reason());
  }

  /** The metric that wants most; all must be known for there to be less. */
  private Proposal measure(
      HorizontalPodAutoscaler wanted,
      View view,
      Actions act,
      Scale scale,
      int current,
      AutoscalerStatus status)
      throws NoAnswer {
    String text = Meta.text(scale.getStatus().getSelector());
    LabelSelector selector = selector(wanted, text, act, status);
    List<Pod> pods =
        view.in(Pod.class, Meta.namespace(wanted)).stream()
            .filter(pod -> selector.matches(Meta.labels(pod)))
            .toList();
    selectors.put(Meta.key(wanted), selector);
    checkAlone(wanted, text, pods, act, status);
    var scene =
        new Scene(
            Meta.namespace(wanted),
            text,
            pods,
            current,
            Meta.number(scale.getStatus().getReplicas(), 0),
            tolerance(wanted),
            view.now());
    List<MetricSpec> asked = Meta.list(wanted.getSpec().getMetrics());
    var values = new ArrayList<MetricStatus>();
    @Nullable Proposal most = null;
    @Nullable NoAnswer first = null;
    String attempt = "";
    int unanswered = 0;
    for (MetricSpec metric : asked) {
      try {
        Proposal proposal = metrics.ask(metric, scene);
        values.add(proposal.status());
        most = most == null || proposal.replicas() > most.replicas() ? proposal : most;
      } catch (NoAnswer none) {
        act.warning(wanted, none.reason(), none.message());
        if (first == null) {
          first = none;
          attempt = Metrics.attempt(metric);
        }
        unanswered++;
      }
    }
    if (first != null && (most == null || most.replicas() < current)) {
      status.active(
          false,
          first.reason(),
          "the HPA was unable to compute the replica count: " + first.message());
      throw first
          .within(attempt)
          .within(
              "invalid metrics ("
                  + unanswered
                  + " invalid out of "
                  + asked.size()
                  + "), first error is");
    }
    if (most == null) {
      throw new NoAnswer("InvalidMetricSourceType", "the HPA names no metric");
    }
    status.metrics(values);
    status.active(
        true,
        "ValidMetricFound",
        "the HPA was able to successfully calculate a replica count from " + most.metric());
    return most;
  }

  private static LabelSelector selector(
      HorizontalPodAutoscaler wanted, String text, Actions act, AutoscalerStatus status)
      throws NoAnswer {
    if (text.isEmpty()) {
      act.warning(wanted, "SelectorRequired", "selector is required");
      status.active(false, "InvalidSelector", "the HPA target's scale is missing a selector");
      throw new NoAnswer("InvalidSelector", "selector is required");
    }
    try {
      return LabelSelector.parse(text);
    } catch (IllegalArgumentException e) {
      String why =
          "couldn't convert selector into a corresponding internal selector object: "
              + e.getMessage();
      act.warning(wanted, "InvalidSelector", why);
      status.active(false, "InvalidSelector", why);
      throw new NoAnswer("InvalidSelector", why);
    }
  }

  /** Two that scale the same pods would undo each other's work for ever: neither does any. */
  private void checkAlone(
      HorizontalPodAutoscaler wanted,
      String selector,
      List<Pod> pods,
      Actions act,
      AutoscalerStatus status)
      throws NoAnswer {
    List<String> scaling =
        selectors.entrySet().stream()
            .filter(other -> other.getKey().namespace().equals(Meta.namespace(wanted)))
            .filter(
                other -> pods.stream().anyMatch(pod -> other.getValue().matches(Meta.labels(pod))))
            .map(other -> other.getKey().toString())
            .sorted()
            .toList();
    if (scaling.size() > 1) {
      String why =
          "pods by selector "
              + selector
              + " are controlled by multiple HPAs: ["
              + String.join(" ", scaling)
              + "]";
      act.warning(wanted, "AmbiguousSelector", why);
      status.active(false, "AmbiguousSelector", why);
      throw new NoAnswer("AmbiguousSelector", why);
    }
  }

  private static int paced(
      HorizontalPodAutoscaler wanted,
      int proposed,
      int current,
      History history,
      AutoscalerStatus status,
      Instant now) {
    Pace pace = Pace.of(wanted.getSpec().getBehavior());
    history.forget(now.minus(pace.memory()));
    Verdict lasting = pace.stabilize(current, proposed, history, now);
    history.recommend(proposed, now);
    status.ableToScale(true, lasting.reason(), lasting.message());
    Verdict step =
        pace.limit(
            current,
            lasting.replicas(),
            Meta.number(wanted.getSpec().getMinReplicas(), 1),
            wanted.getSpec().getMaxReplicas(),
            history,
            now);
    status.limited(step.limited(), step.reason(), step.message());
    return step.replicas();
  }

  private static Tolerance tolerance(HorizontalPodAutoscaler wanted) {
    HorizontalPodAutoscalerBehavior behavior = wanted.getSpec().getBehavior();
    return behavior == null
        ? new Tolerance(Tolerance.USUAL, Tolerance.USUAL)
        : new Tolerance(tolerance(behavior.getScaleUp()), tolerance(behavior.getScaleDown()));
  }

  private static double tolerance(@Nullable HPAScalingRules rules) {
    return rules == null || rules.getTolerance() == null
        ? Tolerance.USUAL
        : Quantity.parse(rules.getTolerance().toString()).value().doubleValue();
  }
}
