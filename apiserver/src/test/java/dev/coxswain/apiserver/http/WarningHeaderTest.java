package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarningHeaderTest {
  @Test
  void whatNoHeaderMayHoldIsSpelledOut() {
    assertThat(WarningHeader.value("unknown field \"a\u0000\nb\\\""))
        .isEqualTo("299 - \"unknown field \\\"a\\\\u0000\\\\u000ab\\\\\\\"\"");
  }
}
