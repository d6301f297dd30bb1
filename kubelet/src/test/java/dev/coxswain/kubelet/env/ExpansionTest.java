package dev.coxswain.kubelet.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
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
  void referencesBecomeValuesOnce(String text, String expanded) {
    assertThat(Expansion.expand(text, VALUES)).isEqualTo(expanded);
  }
}
