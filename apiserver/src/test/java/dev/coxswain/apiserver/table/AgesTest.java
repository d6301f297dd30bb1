package dev.coxswain.apiserver.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgesTest {
  @ParameterizedTest
  @CsvSource({
    "PT-5S, <invalid>",
    "PT-0.5S, 0s",
    "PT0S, 0s",
    "PT119S, 119s",
    "PT2M, 2m",
    "PT2M5S, 2m5s",
    "PT9M59S, 9m59s",
    "PT10M30S, 10m",
    "PT179M, 179m",
    "PT3H, 3h",
    "PT3H20M, 3h20m",
    "PT8H20M, 8h",
    "PT47H, 47h",
    "PT48H, 2d",
    "PT100H, 4d4h",
    "P8D, 8d",
    "P400D, 400d",
    "P730D, 2y",
    "P900D, 2y170d",
    "P3000D, 8y",
  })
  void saysItAsKubectlDoes(Duration duration, String text) {
    assertThat(Ages.text(duration)).isEqualTo(text);
  }
}
