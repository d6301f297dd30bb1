package dev.coxswain.scheduler;

import dev.coxswain.scheduler.cycle.Step;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.queue.SchedulingQueue;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is counted, under upstream's names. */
final class SchedulerMetrics {
  private static final double[] ATTEMPT_SECONDS = exponential(0.00001, 16);
  private static final double[] POD_SECONDS = exponential(0.01, 20);

  private final Gauge pending;
  private final Counter attempts;
  private final Histogram attemptSeconds;
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
            .help("Time that the decision on a pod took, in seconds.")
            .labelNames("profile", "result")
            .classicOnly()
            .classicUpperBounds(ATTEMPT_SECONDS)
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
            .help("Number of times that pods were evicted to make room.")
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

  void attempt(Step step, long nanos) {
    String profile =
        switch (step) {
          case Step.Bind bind -> bind.profile().schedulerName();
          case Step.Unfit unfit -> unfit.profile().schedulerName();
          case Step.Failed failed -> failed.profile().schedulerName();
        };
    String result =
        switch (step) {
          case Step.Bind bind -> "scheduled";
          case Step.Unfit unfit -> "unschedulable";
          case Step.Failed failed -> "error";
        };
    attempts.labelValues(profile, result).inc();
    attemptSeconds.labelValues(profile, result).observe(nanos / 1e9);
    if (step instanceof Step.Unfit unfit && unfit.remedy() instanceof Remedy.Evict evict) {
      preemptionAttempts.inc();
      preemptionVictims.observe(evict.victims().size());
    }
  }

  void bound(Step.Bind bind, long now) {
    int attempt = Math.min(bind.queued().attempts(), 16);
    podSeconds
        .labelValues(attempt == 16 ? "16+" : Integer.toString(attempt))
        .observe((now - bind.queued().added()) / 1e9);
  }
}
