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

  Exposition sample(double value, String... labels) {
    write(value, labels);
    text.append('\n');
    return this;
  }

  Exposition sampleAt(Instant when, double value, String... labels) {
    write(value, labels);
    text.append(' ').append(when.toEpochMilli()).append('\n');
    return this;
  }

  private void write(double value, String... labels) {
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
    text.append(' ');
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      text.append((long) value);
    } else {
      text.append(value);
    }
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
