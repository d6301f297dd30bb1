package dev.coxswain.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

final class InputTest {
  /** More than is read at a time, and across several of those. */
  @ParameterizedTest
  @ValueSource(ints = {1 << 10, 1 << 16, 1 << 18, 2_900_000})
  void aTextIsReadWholeHoweverLongItIs(int length) {
    String text = "é" + "x".repeat(length - 2) + "z";
    for (String body : new String[] {"{a: \"%s\"}", "a: %s", "b: [&m 1, *m]\na: %s"}) {
      byte[] yaml = body.formatted(text).getBytes(StandardCharsets.UTF_8);
      try (JsonParser parser = Input.yaml(yaml)) {
        while (parser.nextToken() != JsonToken.VALUE_STRING) {
          assertThat(parser.currentToken()).isNotNull();
        }
        assertThat(parser.getString()).isEqualTo(text);
      }
    }
  }
}
