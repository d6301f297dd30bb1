package dev.coxswain.kubelet.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Metrics as Prometheus reads them. */
final class ExpositionTest {
  @Test
  void aDistributionHasItsClassesItsSumAndItsCount() {
    Exposition text =
        new Exposition()
            .histogram("took_seconds", "How long it took")
            .distribution(new TreeMap<>(Map.of(0.25, 1L, 10.0, 2L)), 3, 70.5, "name", "a \"b\"");
    assertThat(text)
        .hasToString(
            """
            # HELP took_seconds How long it took
            # TYPE took_seconds histogram
            took_seconds_bucket{name="a \\"b\\"",le="0.25"} 1
            took_seconds_bucket{name="a \\"b\\"",le="10"} 2
            took_seconds_bucket{name="a \\"b\\"",le="+Inf"} 3
            took_seconds_sum{name="a \\"b\\""} 70.5
            took_seconds_count{name="a \\"b\\""} 3
            """);
  }
}
