package dev.coxswain.runtime.program;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The process' metrics: a registry to put one's own into, with the JVM's already there. */
public final class Metrics {
  /** Whole numbers are written without a fraction, as Go's programs do: scripts read them so. */
  private static final Pattern WHOLE = Pattern.compile(" (-?\\d+)\\.0$", Pattern.MULTILINE);

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
    String page = body.toString(StandardCharsets.UTF_8);
    return new Page(text.getContentType(), WHOLE.matcher(page).replaceAll(" $1"));
  }
}
