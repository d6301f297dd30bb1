package dev.coxswain.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.PatternSyntaxException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PatternsTest {
  @Test
  void whatPeopleWriteIsTaken() {
    assertThat(Patterns.compile("^([a-z]{1,63}\\.){1,10}[a-z]{2,63}$").matches("a.example"))
        .isTrue();
    Patterns.compile("\\(".repeat(Patterns.MAXIMUM_DEPTH + 1));
  }

  static Stream<String> costly() {
    return Stream.of(
        "(".repeat(4000) + ")".repeat(4000),
        "[a-z]{1,1000}".repeat(100),
        "a".repeat(Patterns.MAXIMUM_LENGTH + 1));
  }

  @ParameterizedTest
  @MethodSource("costly")
  void whatWouldFillStackOrMemoryIsNot(String expression) {
    assertThatThrownBy(() -> Patterns.compile(expression))
        .isInstanceOf(PatternSyntaxException.class)
        .hasMessageMatching("(?s).*(too large|too deeply).*");
  }
}
