package dev.coxswain.apiserver.flow;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** What is counted of priority and fairness, under upstream's names. */
final class FlowMetrics {
  private static final String LEVEL = "priority_level";
  private static final String SCHEMA = "flow_schema";

  /** Upstream's bounds, in seconds. */
  private static final double[] SECONDS = {
    0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30
  };

  private final Counter dispatched;
  private final Counter rejected;
  private final Histogram waits;

  /** A level as it is now. */
  record LevelCounts(String level, int nominal, int seats) {}

  /** A schema's requests as they are now. */
  record RouteCounts(String level, String schema, int waiting, int running) {}

  FlowMetrics(
      PrometheusRegistry registry,
      Supplier<List<LevelCounts>> levels,
      Supplier<List<RouteCounts>> routes) {
    this.dispatched =
        Counter.builder()
            .name("apiserver_flowcontrol_dispatched_requests_total")
            .help("Requests that were let in")
            .labelNames(LEVEL, SCHEMA)
            .register(registry);
    this.rejected =
        Counter.builder()
            .name("apiserver_flowcontrol_rejected_requests_total")
            .help("Requests that were refused")
            .labelNames(LEVEL, SCHEMA, "reason")
            .register(registry);
    this.waits =
        Histogram.builder()
            .name("apiserver_flowcontrol_request_wait_duration_seconds")
            .help("How long requests waited that had to")
            .labelNames("execute", SCHEMA, LEVEL)
            .classicOnly()
            .classicUpperBounds(SECONDS)
            .register(registry);
    ofLevels(registry, levels, "nominal_limit_seats", "Seats of its own", LevelCounts::nominal);
    ofLevels(registry, levels, "current_executing_seats", "Seats in use", LevelCounts::seats);
    ofRoutes(
        registry, routes, "current_inqueue_requests", "Requests that wait", RouteCounts::waiting);
    ofRoutes(
        registry,
        routes,
        "current_executing_requests",
        "Requests being answered",
        RouteCounts::running);
  }

  private static void ofLevels(
      PrometheusRegistry registry,
      Supplier<List<LevelCounts>> levels,
      String name,
      String help,
      ToIntFunction<LevelCounts> value) {
    GaugeWithCallback.builder()
        .name("apiserver_flowcontrol_" + name)
        .help(help)
        .labelNames(LEVEL)
        .callback(gauge ->
            levels.get().forEach(level -> gauge.call(value.applyAsInt(level), level.level())))
        .register(registry);
  }

  private static void ofRoutes(
      PrometheusRegistry registry,
      Supplier<List<RouteCounts>> routes,
      String name,
      String help,
      ToIntFunction<RouteCounts> value) {
    GaugeWithCallback.builder()
        .name("apiserver_flowcontrol_" + name)
        .help(help)
        .labelNames(LEVEL, SCHEMA)
        .callback(gauge ->
            routes
                .get()
                .forEach(
                    route -> gauge.call(value.applyAsInt(route), route.level(), route.schema())))
        .register(registry);
  }

  void dispatched(Route route) {
    dispatched.labelValues(route.level().name(), route.schema().name()).inc();
  }

  void rejected(Route route, String reason) {
    rejected.labelValues(route.level().name(), route.schema().name(), reason).inc();
  }

  void waited(Route route, boolean executed, Duration time) {
    waits
        .labelValues(Boolean.toString(executed), route.schema().name(), route.level().name())
        .observe(time.toNanos() / 1e9);
  }
}
