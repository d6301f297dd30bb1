package dev.coxswain.apiserver.audit;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is counted of the audit log, under upstream's names. */
final class AuditMetrics {
  private final Counter events;
  private final Counter errors;
  private final Counter rejected;

  AuditMetrics(PrometheusRegistry registry) {
    this.events =
        Counter.builder()
            .name("apiserver_audit_event_total")
            .help("Audit events handed to the log and the webhook")
            .register(registry);
    this.errors =
        Counter.builder()
            .name("apiserver_audit_error_total")
            .help("Audit events that could not be written at once, or not at all")
            .labelNames("plugin")
            .register(registry);
    this.rejected =
        Counter.builder()
            .name("apiserver_audit_requests_rejected_total")
            .help("Requests refused because their audit event could not be written")
            .register(registry);
  }

  void told() {
    events.inc();
  }

  /** Some events did not get where they should, by what was to bring them there. */
  void failed(String plugin, int count) {
    errors.labelValues(plugin).inc(count);
  }

  void rejected() {
    rejected.inc();
  }
}
