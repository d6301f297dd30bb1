package dev.coxswain.apiserver.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of rules when a definition is written. Apostrophes stand for quotes. */
class RuleDefinitionsTest {

  /** The problems of a schema whose {@code spec} has these rules and properties. */
  private static List<String> problems(String rules, String properties) {
    String schema =
        "{'type': 'object', 'properties': {'spec': {'type': 'object', 'x-kubernetes-validations': ["
            + rules
            + "], 'properties': {"
            + properties
            + "}}}}";
    List<FieldError> errors = new ArrayList<>();
    RuleDefinitions.check(
        Json.parseObject(schema.replace('\'', '"').replace('`', '\'')), "schema", errors);
    return errors.stream().map(FieldError::message).toList();
  }

  private static final String PLACE = "schema.properties[spec].x-kubernetes-validations[0]";

  @Test
  void soundRules() {
    assertThat(
            problems(
                "{'rule': 'self.low <= self.high', 'fieldPath': '.low'}",
                "'low': {'type': 'integer'}, 'high': {'type': 'integer'}"))
        .isEmpty();
  }

  @Test
  void expressionsMustCompile() {
    assertThat(problems("{'rule': 'self.nothing > 1'}", "'low': {'type': 'integer'}"))
        .singleElement()
        .asString()
        .startsWith(PLACE + ".rule: Invalid value: ")
        .contains("compilation failed: ERROR: <input>:1:5: undefined field 'nothing'");
    assertThat(problems("{'rule': 'self.low >'}", "'low': {'type': 'integer'}"))
        .singleElement()
        .asString()
        .contains("compilation failed: ERROR: <input>:1:11: Syntax error: mismatched input");
    assertThat(problems("{'rule': 'self.low'}", "'low': {'type': 'integer'}"))
        .singleElement()
        .asString()
        .endsWith("cel expression must evaluate to a bool");
    assertThat(
            problems(
                "{'rule': 'true', 'messageExpression': 'self.low'}", "'low': {'type': 'integer'}"))
        .singleElement()
        .asString()
        .startsWith(PLACE + ".messageExpression: ")
        .endsWith("messageExpression must evaluate to a string");
  }

  @Test
  void rulesMustBeComplete() {
    assertThat(problems("{'rule': ' '}", "'low': {'type': 'integer'}"))
        .containsExactly(PLACE + ".rule: Required value: rule is not specified");
    assertThat(problems("{'rule': 'true', 'fieldPath': '.other'}", "'low': {'type': 'integer'}"))
        .containsExactly(PLACE + ".fieldPath: Invalid value: \".other\": must be a valid path");
    assertThat(problems("{'rule': 'true', 'optionalOldSelf': true}", "'low': {'type': 'integer'}"))
        .containsExactly(
            PLACE
                + ".optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in"
                + " rule");
  }

  @Test
  void oldValuesOfListElementsNeedKeys() {
    String items =
        "'list': {'type': 'array', 'maxItems': 5, 'items': {'type': 'integer',"
            + " 'x-kubernetes-validations': [{'rule': 'self >= oldSelf'}]}}";
    assertThat(problems("", items))
        .singleElement()
        .asString()
        .endsWith(
            "oldSelf cannot be used on the uncorrelatable portion of the schema within"
                + " schema.properties[spec].properties[list]");
  }

  @Test
  void rulesMustNotCostTooMuch() {
    String rule = "{'rule': 'self.list.all(x, self.list.all(y, x == y))'}";
    assertThat(problems(rule, "'list': {'type': 'array', 'items': {'type': 'string'}}"))
        .hasSize(3)
        .anySatisfy(problem ->
            assertThat(problem)
                .isEqualTo(
                    PLACE
                        + ".rule: Forbidden: estimated rule cost exceeds budget by factor of more"
                        + " than 100x (try simplifying the rule, or adding maxItems,"
                        + " maxProperties, and maxLength where arrays, maps, and strings are"
                        + " declared)"));
    assertThat(
            problems(
                rule,
                "'list': {'type': 'array', 'maxItems': 10, 'items': {'type': 'string',"
                    + " 'maxLength': 20}}"))
        .isEmpty();
  }
}
