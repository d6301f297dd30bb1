package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A query's flags, as clients of many languages write them. */
final class QueryTest {
  @ParameterizedTest
  @CsvSource({
    "stdout=true, true",
    "stdout=True, true",
    "stdout=1, true",
    "stdout, true",
    "stdout=, true",
    "stdout=yes, true",
    "stdout=false, false",
    "stdout=False, false",
    "stdout=0, false",
    "stdin=true, false"
  })
  void sayYesUnlessTheySayNo(String query, boolean yes) {
    assertThat(Query.parse(query).flag("stdout")).isEqualTo(yes);
  }
}
