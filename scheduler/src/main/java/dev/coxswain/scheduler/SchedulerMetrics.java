package dev.coxswain.scheduler;

import dev.coxswain.scheduler.cycle.Step;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.queue.SchedulingQueue;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is counted, under upstream's names. */
final class SchedulerMetrics {
  private static final double[] ATTEMPT_SECONDS = exponential(0.001, 15);

  /** More are not told apart. */
  private static final int MANY_TRIES = 15;

  private static final double[] POD_SECONDS = exponential(0.01, 20);

  private final Gauge pending;
  private final Counter attempts;
  private final Histogram attemptSeconds;
  private final Histogram decisionSeconds;
  private final Histogram attemptsUntilBound;
  private final Histogram podSeconds;
  private final Counter preemptionAttempts;
  private final Histogram preemptionVictims;

  SchedulerMetrics(PrometheusRegistry registry) {
    pending =
        Gauge.builder()
            .name("scheduler_pending_pods")
            .help("Number of pending pods, by the queue type.")
            .labelNames("queue")
            .register(registry);
    attempts =
        Counter.builder()
            .name("scheduler_schedule_attempts")
            .help("Number of attempts to schedule pods, by the result.")
            .labelNames("profile", "result")
            .register(registry);
    attemptSeconds =
        Histogram.builder()
            .name("scheduler_scheduling_attempt_duration_seconds")
            .help("Time that the decision on a pod and its binding took, in seconds.")
            .labelNames("profile", "result")
            .classicOnly()
            .classicUpperBounds(ATTEMPT_SECONDS)
            .register(registry);
    decisionSeconds =
        Histogram.builder()
            .name("scheduler_scheduling_algorithm_duration_seconds")
            .help("Time that the decision on a pod took, in seconds.")
            .classicOnly()
            .classicUpperBounds(ATTEMPT_SECONDS)
            .register(registry);
    attemptsUntilBound =
        Histogram.builder()
            .name("scheduler_pod_scheduling_attempts")
            .help("Number of attempts after which a pod was bound.")
            .classicOnly()
            .classicUpperBounds(exponential(1, 5))
            .register(registry);
    podSeconds =
        Histogram.builder()
            .name("scheduler_pod_scheduling_sli_duration_seconds")
            .help("Time from when a pod was first seen until it was bound, in seconds.")
            .labelNames("attempts")
            .classicOnly()
            .classicUpperBounds(POD_SECONDS)
            .register(registry);
    preemptionAttempts =
        Counter.builder()
            .name("scheduler_preemption_attempts")
            .help("Number of times that room was looked for by evicting pods.")
            .register(registry);
    preemptionVictims =
        Histogram.builder()
            .name("scheduler_preemption_victims")
            .help("Number of pods that were evicted at once.")
            .classicOnly()
            .classicUpperBounds(exponential(1, 7))
            .register(registry);
  }

  private static double[] exponential(double first, int count) {
    double[] bounds = new double[count];
    double bound = first;
    for (int index = 0; index < count; index++) {
      bounds[index] = bound;
      bound *= 2;
    }
    return bounds;
  }

  void queue(SchedulingQueue queue) {
    pending.labelValues("active").set(queue.active());
    pending.labelValues("backoff").set(queue.backingOff());
    pending.labelValues("unschedulable").set(queue.unschedulable());
    pending.labelValues("gated").set(queue.gated());
  }

  /** A pod had its turn; what becomes of one that has found a node is counted later. */
  void decided(Step step, long nanos) {
    decisionSeconds.observe(nanos / 1e9);
    switch (step) {
      case Step.Bind bind -> {}
      case Step.Unfit unfit -> {
        attempt(unfit.profile(), "unschedulable", nanos);
        preemption(unfit.remedy());
      }
      case Step.Failed failed -> attempt(failed.profile(), "error", nanos);
    }
  }

  private void attempt(Profile profile, String result, long nanos) {
    attempts.labelValues(profile.schedulerName(), result).inc();
    attemptSeconds.labelValues(profile.schedulerName(), result).observe(nanos / 1e9);
  }

  private void preemption(Remedy remedy) {
    // Who says nothing was not asked.
    boolean tried =
        switch (remedy) {
          case Remedy.None(String why) -> !why.isEmpty();
          case Remedy.Wait(String why) -> !why.isEmpty();
          case Remedy.Evict evict -> true;
        };
    if (tried) {
      preemptionAttempts.inc();
    }
    if (remedy instanceof Remedy.Evict evict) {
      preemptionVictims.observe(evict.victims().size());
    }
  }

  /** A pod was bound. */
  void bound(Step.Bind bind, long started, long now) {
    attempt(bind.profile(), "scheduled", now - started);
    int tries = bind.queued().attempts();
    attemptsUntilBound.observe(tries);
    podSeconds
        .labelValues(tries >= MANY_TRIES ? MANY_TRIES + "+" : Integer.toString(tries))
        .observe((now - bind.queued().added()) / 1e9);
  }

  /** A pod that had found a node was not bound; a plugin objected, or it did not work out. */
  void notBound(Step.Bind bind, boolean rejected, long started, long now) {
    attempt(bind.profile(), rejected ? "unschedulable" : "error", now - started);
  }
}
