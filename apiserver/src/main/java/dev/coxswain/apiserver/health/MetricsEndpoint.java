package dev.coxswain.apiserver.health;

import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.request.InFlight;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.apiserver.request.RequestMetrics;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.program.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code /metrics}, under upstream's names. */
public final class MetricsEndpoint implements Endpoint, RequestMetrics {
  private static final double[] SECONDS = {
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
    60
  };

  private final Metrics metrics = new Metrics();
  private final Counter requests =
      Counter.builder()
          .name("apiserver_request_total")
          .help("Requests by verb, resource and code")
          .labelNames("verb", "group", "version", "resource", "subresource", "scope", "code")
          .register(metrics.registry());
  private final Histogram durations =
      Histogram.builder()
          .name("apiserver_request_duration_seconds")
          .help("How long requests took")
          .labelNames("verb", "group", "version", "resource", "subresource", "scope")
          .classicOnly()
          .classicUpperBounds(SECONDS)
          .register(metrics.registry());

  /** Tells of these. */
  public MetricsEndpoint(WatchCache cache, InFlight inFlight) {
    GaugeWithCallback.builder()
        .name("apiserver_storage_objects")
        .help("Stored objects by resource")
        .labelNames("resource")
        .callback(gauge ->
            cache.sizes().forEach((resource, count) -> gauge.call(count, resource.toString())))
        .register(metrics.registry());
    GaugeWithCallback.builder()
        .name("apiserver_longrunning_requests")
        .help("Open watches by resource")
        .labelNames("verb", "resource")
        .callback(gauge ->
            cache
                .watchers()
                .forEach((resource, count) -> gauge.call(count, "WATCH", resource.toString())))
        .register(metrics.registry());
    GaugeWithCallback.builder()
        .name("apiserver_current_inflight_requests")
        .help("Requests being answered")
        .labelNames("request_kind")
        .callback(gauge -> {
          gauge.call(inFlight.readsUnderWay(), "readOnly");
          gauge.call(inFlight.writesUnderWay(), "mutating");
        })
        .register(metrics.registry());
  }

  /** Where more is registered. */
  public PrometheusRegistry registry() {
    return metrics.registry();
  }

  @Override
  public void finished(RequestInfo info, int code, Duration took) {
    String verb = info.resourceRequest() ? info.verb().toUpperCase(Locale.ROOT) : verb(info);
    String scope = scope(info);
    // What does not exist must not become a label: a client could make any number of them.
    boolean known = info.resourceRequest() && code != 404;
    String group = known ? info.group() : "";
    String version = known ? info.version() : "";
    String resource = known ? info.resource() : "";
    String subresource = known ? info.subresource() : "";
    requests
        .labelValues(verb, group, version, resource, subresource, scope, Integer.toString(code))
        .inc();
    durations
        .labelValues(verb, group, version, resource, subresource, scope)
        .observe(took.toNanos() / 1e9);
  }

  /** Methods that do not exist share one name. */
  private static String verb(RequestInfo info) {
    return switch (info.verb()) {
      case "get", "post", "put", "patch", "delete", "head", "options" ->
          info.verb().toUpperCase(Locale.ROOT);
      default -> "other";
    };
  }

  private static String scope(RequestInfo info) {
    if (!info.resourceRequest()) {
      return "";
    }
    if (!info.name().isEmpty()) {
      return "resource";
    }
    return info.namespace().isEmpty() ? "cluster" : "namespace";
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    Metrics.Page page = metrics.page();
    request
        .exchange()
        .answer(
            new Answer(
                200,
                page.contentType(),
                Map.of(),
                List.of(page.text().getBytes(StandardCharsets.UTF_8))));
  }
}
