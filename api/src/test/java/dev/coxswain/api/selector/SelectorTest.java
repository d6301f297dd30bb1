package dev.coxswain.api.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
  private static final Map<String, String> LABELS =
      Map.of("app", "web", "tier", "front", "example.com/size", "7", "empty", "");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app=web | true",
        "app==web | true",
        "app = web , tier=front | true",
        "app=web,tier=back | false",
        "app!=web | false",
        "other!=web | true",
        "app in (web, db) | true",
        "app in (db) | false",
        "app notin (db) | true",
        "other notin (db) | true",
        "app | true",
        "!app | false",
        "!other | true",
        "empty= | true",
        "empty in (,x) | true",
        "example.com/size>6 | true",
        "example.com/size<7 | false",
        "in in (a) | false",
      })
  void selectsByLabels(String text, boolean selected) {
    LabelSelector selector = LabelSelector.parse(text);
    assertThat(selector.matches(LABELS)).isEqualTo(selected);
    assertThat(LabelSelector.parse(selector.toString())).isEqualTo(selector);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=a",
        "a=b=c",
        "a in b",
        "a in (b",
        "a in (b c)",
        "a=b,",
        "a=b,,c",
        "a>x",
        "-a",
        "a=-",
        "a/b/c",
        "!",
        "a b"
      })
  void refusesMalformedLabelSelectors(String text) {
    assertThatThrownBy(() -> LabelSelector.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsSelectorObjects() {
    LabelSelector selector =
        LabelSelector.of(
            Json.parse(
                """
                {"matchLabels":{"app":"web"},
                 "matchExpressions":[{"key":"tier","operator":"In","values":["front","back"]},
                                     {"key":"gone","operator":"DoesNotExist"}]}\
                """));
    assertThat(selector.matches(LABELS)).isTrue();
    assertThat(selector.matches(Map.of("app", "web"))).isFalse();
    assertThat(selector).hasToString("app=web,!gone,tier in (back,front)");
    assertThat(LabelSelector.of(Json.parse("{}")).everything()).isTrue();
    assertThat(LabelSelector.of(Json.parse("null")).matches(Map.of())).isFalse();
    assertThatThrownBy(() ->
            LabelSelector.of(
                Json.parse("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"in\"}]}")))
        .hasMessage("\"in\" is not a valid label selector operator");
  }

  @Test
  void selectsByFields() {
    Map<String, String> fields = Map.of("spec.nodeName", "a", "status.phase", "Running");
    assertThat(FieldSelector.parse("spec.nodeName=a,status.phase!=Failed").matches(fields))
        .isTrue();
    assertThat(FieldSelector.parse("spec.nodeName==b").matches(fields)).isFalse();
    assertThat(FieldSelector.parse("missing=").matches(fields)).isTrue();
    assertThat(FieldSelector.parse("").everything()).isTrue();
    FieldSelector escaped = FieldSelector.parse("a=b\\,c\\=d\\\\");
    assertThat(escaped.terms().getFirst().value()).isEqualTo("b,c=d\\");
    assertThat(FieldSelector.parse(escaped.toString())).isEqualTo(escaped);
    assertThatThrownBy(() -> FieldSelector.parse("foo"))
        .hasMessage("invalid selector: 'foo'; can't understand 'foo'");
    assertThatThrownBy(() -> FieldSelector.parse("a=b\\"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void neverFailsOtherwiseThanByRefusing() {
    String alphabet = "ab/.-_,=!()<> in\\\"é";
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        LabelSelector parsed = LabelSelector.parse(text.toString());
        assertThat(LabelSelector.parse(parsed.toString()))
            .as("seed %d: '%s'", seed, text)
            .isEqualTo(parsed);
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).as("seed %d: '%s'", seed, text).isNotBlank();
      }
      try {
        FieldSelector parsed = FieldSelector.parse(text.toString());
        assertThat(FieldSelector.parse(parsed.toString()))
            .as("seed %d: '%s'", seed, text)
            .isEqualTo(parsed);
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).as("seed %d: '%s'", seed, text).isNotBlank();
      }
    }
  }
}
