package dev.coxswain.kubelet.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExpansionTest {
  private static final Map<String, String> VALUES = Map.of("A", "one", "B", "$(A)");

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "$(A), one",
    "x$(A)y, xoney",
    "$(A)$(A), oneone",
    "$(NONE), $(NONE)",
    "$$(A), $(A)",
    "$$$(A), $one",
    "$(B), $(A)",
    "$A, $A",
    "$(A, $(A",
    "$, $",
    "100$, 100$",
  })
  void referencesBecomeValuesOnce(String text, String expanded) throws ConfigException {
    assertThat(Expansion.expand(text, VALUES::get)).isEqualTo(expanded);
  }

  @Test
  void nothingBecomesLargerThanAProcessMayBeTold() throws ConfigException {
    String value = "x".repeat(Expansion.LONGEST / 4);
    Map<String, String> values = Map.of("A", value);
    assertThat(Expansion.expand("$(A)$(A)", values::get)).hasSize(Expansion.LONGEST / 2);
    assertThatThrownBy(() -> Expansion.expand("$(A)".repeat(1_000), values::get))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("longer than");
    List<String> words = Collections.nCopies(1_000, "$(A)");
    assertThat(Expansion.expand(words.subList(0, 10), values)).hasSize(10);
    assertThatThrownBy(() -> Expansion.expand(words, values))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("larger than");
  }
}
