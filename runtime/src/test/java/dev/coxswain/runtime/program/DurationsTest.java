package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "0s,PT0S",
    "40s,PT40S",
    "1m30s,PT1M30S",
    "1.5h,PT1H30M",
    "12h0m0s,PT12H",
    "1.s,PT1S",
    "250us,PT0.00025S",
    "3µs7ns,PT0.000003007S",
    "999999999h,PT999999999H"
  })
  void theyAreReadAsGoWritesThem(String text, Duration read) {
    assertThat(Durations.parse("--for", text)).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "-1s", "1 s", ".5s", "1d", "1m 30s", "1s,2s"})
  void nothingElseIsOne(String text) {
    assertThatThrownBy(() -> Durations.parse("--for", text))
        .hasMessage("--for: \"" + text + "\" is not a duration such as 40s or 1m30s");
  }

  @Test
  void whatIsLessThanANanosecondIsNothing() {
    assertThat(Durations.parse("--for", "0.000000001us")).isEqualTo(Duration.ZERO);
  }
}
