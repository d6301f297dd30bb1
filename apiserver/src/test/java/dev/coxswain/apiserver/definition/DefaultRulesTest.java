package dev.coxswain.apiserver.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of defaults when a definition is written. Apostrophes stand for quotes. */
class DefaultRulesTest {
  private static final String SPEC = "outer.openAPIV3Schema.properties[spec]";

  /** The problems of a schema whose {@code spec} is this. */
  private static List<String> problems(String spec) {
    String schema = "{'type': 'object', 'properties': {'spec': {'type': 'object', " + spec + "}}}";
    List<FieldError> errors = new ArrayList<>();
    new SchemaDefinitionRules(Json.parseObject(schema.replace('\'', '"')), "outer", false, errors)
        .check();
    return errors.stream().map(FieldError::message).toList();
  }

  private static String replicas(int given) {
    return "'properties': {'replicas': {'type': 'integer', 'default': "
        + given
        + ", 'x-kubernetes-validations': [{'rule': 'self > 1', 'message': 'too few'}]}}";
  }

  @Test
  void aDefaultKeepsTheRulesOfItsPlace() {
    assertThat(problems(replicas(2))).isEmpty();
    assertThat(problems(replicas(1)))
        .containsExactly(
            SPEC + ".properties[replicas].default: Invalid value: \"integer\": too few");
  }

  @Test
  void rulesWithinADefaultAndThoseAboutChangesAreAsked() {
    String within = "'default': {'replicas': 1}, " + replicas(2);
    assertThat(problems(within))
        .containsExactly(SPEC + ".default.replicas: Invalid value: \"integer\": too few");
    String changes =
        "'properties': {'size': {'type': 'integer', 'default': 1,"
            + " 'x-kubernetes-validations': [{'rule': 'self > oldSelf'}]}}";
    assertThat(problems(changes))
        .singleElement()
        .asString()
        .contains("failed rule: self > oldSelf");
  }

  @Test
  void whatDoesNotCompileIsToldOnce() {
    String broken =
        "'properties': {'size': {'type': 'integer', 'default': 1,"
            + " 'x-kubernetes-validations': [{'rule': 'self >'}]}}";
    assertThat(problems(broken)).singleElement().asString().contains("Syntax error");
  }

  @Test
  void allDefaultsShareOneBudget() {
    StringBuilder properties = new StringBuilder();
    int count = 40;
    for (int i = 0; i < count; i++) {
      String list = String.join(",", Collections.nCopies(40, "1"));
      properties
          .append(properties.isEmpty() ? "" : ",")
          .append("'p" + i + "': {'type': 'array', 'maxItems': 40, 'default': [" + list + "],")
          .append("'items': {'type': 'integer'}, 'x-kubernetes-validations': [{'rule':")
          .append(" 'self.all(a, self.all(b, self.all(c, a + b + c > 0)))'}]}");
    }
    assertThat(problems("'properties': {" + properties + "}"))
        .singleElement()
        .asString()
        .contains("validation failed due to running out of cost budget");
  }
}
