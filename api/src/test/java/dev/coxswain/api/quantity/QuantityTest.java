package dev.coxswain.api.quantity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "0.5, 500m",
    "100m, 100m",
    "1000m, 1",
    "1500m, 1500m",
    ".5, 500m",
    "5., 5",
    "1000, 1k",
    "1500, 1500",
    "1024Mi, 1Gi",
    "1.5Gi, 1536Mi",
    "0.5Gi, 512Mi",
    "512, 512",
    "1023Ki, 1023Ki",
    "0.5Ki, 512",
    "1e3, 1e3",
    "1E3, 1e3",
    "12e-3, 12e-3",
    "1E, 1E",
    "123456789n, 123456789n",
    "1.1n, 2n",
    "-1.1n, -2n",
    "0.0000000001, 1n",
    "-100m, -100m",
    "+2, 2",
    "1.1Ki, 1126400m",
    "1000000, 1M",
    "128974848, 128974848",
    "129M, 129M",
    "123Mi, 123Mi",
    "9223372036854775808, 9223372036854775807",
    "100E, 9223372036854775807",
    "00012, 12",
  })
  void writesTheCanonicalForm(String text, String canonical) {
    assertThat(Quantity.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1x", "1KI", "1mi", "--1", "1.2.3", ".", "1 Gi", "1ee3", "Gi"})
  void refusesWhatIsNoQuantity(String text) {
    assertThatThrownBy(() -> Quantity.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void comparesByValue() {
    assertThat(Quantity.parse("1024Mi")).isEqualTo(Quantity.parse("1Gi"));
    assertThat(Quantity.parse("1000m")).hasSameHashCodeAs(Quantity.parse("1"));
    assertThat(Quantity.parse("1M")).isLessThan(Quantity.parse("1Mi"));
  }

  @Test
  void addsInTheFirstNotation() {
    assertThat(Quantity.parse("1Gi").add(Quantity.parse("1024"))).hasToString("1048577Ki");
    assertThat(Quantity.ZERO.add(Quantity.parse("1Gi"))).hasToString("1Gi");
    assertThat(Quantity.parse("1").subtract(Quantity.parse("300m"))).hasToString("700m");
  }

  @Test
  void roundsAwayFromZero() {
    assertThat(Quantity.parse("1500m").rounded()).isEqualTo(2);
    assertThat(Quantity.parse("0.1m").milli()).isEqualTo(1);
  }

  @Test
  void readsBackWhatItWrites() {
    List<Quantity.Notation> notations = List.of(Quantity.Notation.values());
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      Quantity.Notation notation = notations.get(random.nextInt(notations.size()));
      BigDecimal value =
          BigDecimal.valueOf(random.nextLong() >> random.nextInt(64), random.nextInt(12));
      Quantity quantity = new Quantity(value, notation);
      String text = quantity.toString();
      Quantity again = Quantity.parse(text);
      assertThat(again).as("seed %d: %s", seed, text).isEqualTo(quantity);
      assertThat(again.toString()).as("seed %d", seed).isEqualTo(text);
    }
  }

  @Test
  void scalesPercentages() {
    assertThat(new IntOrString.Text("25%").scaled(10, RoundingMode.CEILING)).hasValue(3);
    assertThat(new IntOrString.Text("25%").scaled(10, RoundingMode.FLOOR)).hasValue(2);
    assertThat(new IntOrString.Whole(4).scaled(10, RoundingMode.FLOOR)).hasValue(4);
    assertThat(new IntOrString.Text("http").scaled(10, RoundingMode.FLOOR)).isEmpty();
  }
}
