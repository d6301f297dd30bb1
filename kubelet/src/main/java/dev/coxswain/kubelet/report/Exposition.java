package dev.coxswain.kubelet.report;

import java.time.Instant;
import java.util.Map;

/** Writes metrics in Prometheus' text form. */
final class Exposition {
  private final StringBuilder text = new StringBuilder();
  private String name = "";

  Exposition counter(String metric, String help) {
    return begin(metric, help, "counter");
  }

  Exposition gauge(String metric, String help) {
    return begin(metric, help, "gauge");
  }

  private Exposition begin(String metric, String help, String type) {
    name = metric;
    text.append("# HELP ").append(metric).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(metric).append(' ').append(type).append('\n');
    return this;
  }

  Exposition sample(long value, String... labels) {
    return line(Long.toString(value), "", labels);
  }

  Exposition sample(double value, String... labels) {
    return line(Double.toString(value), "", labels);
  }

  Exposition sampleAt(Instant when, long value, String... labels) {
    return line(Long.toString(value), " " + when.toEpochMilli(), labels);
  }

  Exposition sampleAt(Instant when, double value, String... labels) {
    return line(Double.toString(value), " " + when.toEpochMilli(), labels);
  }

  private Exposition line(String value, String time, String... labels) {
    text.append(name);
    if (labels.length > 0) {
      text.append('{');
      for (int i = 0; i < labels.length; i += 2) {
        text.append(i == 0 ? "" : ",")
            .append(labels[i])
            .append("=\"")
            .append(escape(labels[i + 1]))
            .append('"');
      }
      text.append('}');
    }
    text.append(' ').append(value).append(time).append('\n');
    return this;
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** Counts by a label. */
  Exposition samples(String label, Map<String, Integer> counts) {
    counts.forEach((value, count) -> sample(count, label, value));
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
