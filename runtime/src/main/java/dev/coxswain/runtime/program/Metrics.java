package dev.coxswain.runtime.program;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The process' metrics: a registry to put one's own into, with the JVM's already there. */
public final class Metrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormatWriter text =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();

  public Metrics() {
    JvmMetrics.builder().register(registry);
  }

  /** Where counters, gauges and histograms are registered. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /**
   * A scrape's answer.
   *
   * @param contentType of the text
   * @param text in the Prometheus text format
   */
  public record Page(String contentType, String text) {}

  /** All metrics as of now. */
  public Page page() {
    var body = new ByteArrayOutputStream();
    try {
      text.write(body, registry.scrape());
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return new Page(text.getContentType(), body.toString(StandardCharsets.UTF_8));
  }
}
