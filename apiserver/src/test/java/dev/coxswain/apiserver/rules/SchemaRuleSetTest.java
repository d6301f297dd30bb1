package dev.coxswain.apiserver.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What rules say of objects. Apostrophes stand for quotes; expressions use none. */
class SchemaRuleSetTest {
  private static final SchemaRuleSet RULES =
      rules(
          """
          {'type': 'object', 'x-kubernetes-validations': [
              {'rule': 'self.metadata.name.size() < 6', 'message': 'short names only'}],
           'properties': {'spec': {'type': 'object',
            'x-kubernetes-validations': [
              {'rule': 'self.low <= self.high', 'fieldPath': '.low', 'reason': 'FieldValueForbidden',
               'messageExpression': 'string(self.low) + string(self.high)'},
              {'rule': '!has(self.fixed) || !has(oldSelf.fixed) || self.fixed == oldSelf.fixed',
               'message': 'fixed stays'}],
            'properties': {
              'low': {'type': 'integer'}, 'high': {'type': 'integer'}, 'fixed': {'type': 'string'},
              'percent': {'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [
                 {'rule': 'type(self) == int ? self <= 100 : self.endsWith(string(self).find(`%$`)) && self != ``'}]},
              'once': {'type': 'string', 'x-kubernetes-validations': [
                 {'rule': 'oldSelf.hasValue() || self.size() > 2', 'optionalOldSelf': true,
                  'message': 'new ones are long'}]},
              'ports': {'type': 'array', 'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                'items': {'type': 'object', 'x-kubernetes-validations': [
                   {'rule': 'self.port >= oldSelf.port', 'message': 'ports only grow'}],
                  'properties': {'name': {'type': 'string'}, 'port': {'type': 'integer'}}}},
              'labels': {'type': 'object', 'additionalProperties': {'type': 'string',
                'x-kubernetes-validations': [{'rule': 'self.size() > 0'}]}}}}}}
          """);

  private static SchemaRuleSet rules(String schema) {
    String text = schema.replace('\'', '"').replace('`', '\'');
    return new SchemaRuleSet(
        StructuralSchema.of(Json.parseObject(text), BuiltinSchemas.load().objectMeta()));
  }

  private static ObjectNode object(String spec) {
    return Json.parseObject(
        ("{'metadata': {'name': 'a'}, 'spec': " + spec + "}").replace('\'', '"'));
  }

  private static List<String> problems(String spec, @Nullable String old) {
    return RULES.validate(object(spec), old == null ? null : object(old)).stream()
        .map(FieldError::message)
        .toList();
  }

  @Test
  void whatIsWrongIsSaidWithItsPath() {
    assertThat(problems("{'low': 1, 'high': 2}", null)).isEmpty();
    assertThat(problems("{'low': 3, 'high': 2}", null)).containsExactly("spec.low: Forbidden: 32");
    assertThat(problems("{'low': 1, 'high': 2, 'labels': {'a': ''}}", null))
        .containsExactly("spec.labels[a]: Invalid value: \"string\": failed rule: self.size() > 0");
    assertThat(problems("{'high': 2}", null))
        .containsExactly(
            "spec: Invalid value: \"object\": no such key: low evaluating rule: self.low <="
                + " self.high");
    ObjectNode named = object("{'low': 1, 'high': 2}");
    named.withObject("/metadata").put("name", "far-too-long");
    assertThat(RULES.validate(named, null))
        .extracting(FieldError::message)
        .containsExactly("<nil>: Invalid value: \"object\": short names only");
  }

  @Test
  void rulesAboutChangesAreAskedOfChanges() {
    String old = "{'low': 1, 'high': 2, 'fixed': 'a', 'ports': [{'name': 'x', 'port': 5}]}";
    assertThat(problems(old.replace("'a'", "'b'"), old))
        .containsExactly("spec: Invalid value: \"object\": fixed stays");
    assertThat(
            problems(
                "{'low': 1, 'high': 2, 'ports': [{'name': 'n', 'port': 1}, {'name': 'x', 'port':"
                    + " 4}]}",
                old))
        .containsExactly("spec.ports[1]: Invalid value: \"object\": ports only grow");
    assertThat(problems("{'low': 1, 'high': 2, 'once': 'ab'}", old))
        .containsExactly("spec.once: Invalid value: \"string\": new ones are long");
    assertThat(problems("{'low': 1, 'high': 2, 'once': 'a'}", "{'low': 1, 'high': 2, 'once': 'b'}"))
        .isEmpty();
  }

  @Test
  void whatDidNotChangeIsForgiven() {
    String wrong = "{'low': 3, 'high': 2, 'labels': {'a': ''}}";
    assertThat(problems(wrong, wrong)).isEmpty();
    assertThat(problems("{'low': 3, 'high': 1, 'labels': {'a': ''}}", wrong))
        .containsExactly("spec.low: Forbidden: 31");
  }

  @Test
  void integersOrStrings() {
    assertThat(problems("{'low': 1, 'high': 2, 'percent': 50}", null)).isEmpty();
    assertThat(problems("{'low': 1, 'high': 2, 'percent': '50%'}", null)).isEmpty();
    assertThat(problems("{'low': 1, 'high': 2, 'percent': 101}", null)).hasSize(1);
  }

  @Test
  void theBudgetOfAnObjectEnds() {
    SchemaRuleSet rules =
        rules(
            """
            {'type': 'object', 'properties': {'list': {'type': 'array',
              'items': {'type': 'integer'}, 'x-kubernetes-validations': [
                {'rule': 'self.all(x, self.all(y, self.all(z, x + y + z > -1)))'}]}}}
            """);
    ObjectNode object = Json.object();
    var list = object.putArray("list");
    for (int i = 0; i < 200; i++) {
      list.add(i);
    }
    assertThat(rules.validate(object, null))
        .singleElement()
        .extracting(FieldError::message)
        .asString()
        .contains("call cost exceeds limit");
  }
}
