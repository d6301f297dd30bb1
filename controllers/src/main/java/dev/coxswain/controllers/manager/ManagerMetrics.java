package dev.coxswain.controllers.manager;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/** What the controllers' work is measured by; the names of the queues' metrics are upstream's. */
public final class ManagerMetrics {
  private static final double NANOS = 1e9;

  private final Counter actions;
  private final Counter reconciles;
  private final Histogram durations;
  private final Map<String, IntSupplier> depths = new ConcurrentHashMap<>();

  /** Registers the metrics; once for a process. */
  public ManagerMetrics(PrometheusRegistry registry) {
    actions =
        Counter.builder()
            .name("coxswain_controller_actions_total")
            .help("Requests that changed something, by controller, verb, kind and result.")
            .labelNames("controller", "verb", "kind", "result")
            .register(registry);
    reconciles =
        Counter.builder()
            .name("coxswain_controller_reconciles_total")
            .help("Reconciles of one key, by controller and result.")
            .labelNames("controller", "result")
            .register(registry);
    durations =
        Histogram.builder()
            .name("workqueue_work_duration_seconds")
            .help("How long one reconcile took, by controller.")
            .labelNames("name")
            .classicOnly()
            .classicUpperBounds(0.001, 0.01, 0.1, 1, 10)
            .register(registry);
    GaugeWithCallback.builder()
        .name("workqueue_depth")
        .help("Keys that wait to be reconciled, by controller.")
        .labelNames("name")
        .callback(
            callback -> depths.forEach((name, depth) -> callback.call(depth.getAsInt(), name)))
        .register(registry);
  }

  void acted(String controller, String verb, String kind, boolean success) {
    actions.labelValues(controller, verb, kind, success ? "success" : "error").inc();
  }

  void reconciled(String controller, String result, long nanos) {
    reconciles.labelValues(controller, result).inc();
    durations.labelValues(controller).observe(nanos / NANOS);
  }

  /** Follows a queue; one of the same name takes its place. */
  void depth(String controller, IntSupplier depth) {
    depths.put(controller, depth);
  }
}
