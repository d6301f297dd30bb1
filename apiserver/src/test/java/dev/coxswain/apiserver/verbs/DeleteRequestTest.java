package dev.coxswain.apiserver.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.request.Query;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of an object's dependents, by the two options that say so. */
class DeleteRequestTest {
  private static DeleteRequest of(String query, String options) {
    return DeleteRequest.of(Query.parse(query), Json.parseObject(options));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                             | {}                                  | ``",
        "``                             | {\"propagationPolicy\": \"Foreground\"} | Foreground",
        "propagationPolicy=Background   | {}                                  | Background",
        "``                             | {\"orphanDependents\": true}          | Orphan",
        "``                             | {\"orphanDependents\": false}         | Background",
        "orphanDependents=false         | {}                                  | Background",
      })
  void eitherOptionSaysWhatBecomesOfDependents(String query, String options, String expected) {
    assertThat(of(query, options).propagation()).isEqualTo(expected);
  }

  @Test
  void bothOptionsAtOnceAreRefused() {
    assertThatThrownBy(() -> of("propagationPolicy=Orphan", "{\"orphanDependents\": true}"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("cannot be both set");
  }
}
