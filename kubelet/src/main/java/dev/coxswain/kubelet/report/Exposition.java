package dev.coxswain.kubelet.report;

import java.time.Instant;
import java.util.Arrays;
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

  Exposition histogram(String metric, String help) {
    return begin(metric, help, "histogram");
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

  /**
   * What was measured how often.
   *
   * @param within by bound, how many were no more than that
   */
  Exposition distribution(Map<Double, Long> within, long all, double sum, String... labels) {
    String[] classed = Arrays.copyOf(labels, labels.length + 2);
    classed[labels.length] = "le";
    within.forEach((bound, count) -> {
      classed[labels.length + 1] =
          bound % 1 == 0 ? Long.toString(bound.longValue()) : bound.toString();
      line("_bucket", Long.toString(count), "", classed);
    });
    classed[labels.length + 1] = "+Inf";
    line("_bucket", Long.toString(all), "", classed);
    line("_sum", Double.toString(sum), "", labels);
    return line("_count", Long.toString(all), "", labels);
  }

  Exposition sampleAt(Instant when, long value, String... labels) {
    return line(Long.toString(value), " " + when.toEpochMilli(), labels);
  }

  Exposition sampleAt(Instant when, double value, String... labels) {
    return line(Double.toString(value), " " + when.toEpochMilli(), labels);
  }

  private Exposition line(String value, String time, String... labels) {
    return line("", value, time, labels);
  }

  private Exposition line(String suffix, String value, String time, String[] labels) {
    text.append(name).append(suffix);
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
