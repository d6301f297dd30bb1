package dev.coxswain.apiserver.structural;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What the schema of a custom resource asks of objects. Apostrophes stand for quotes. */
class StructuralTest {
  private static final StructuralSchema SCHEMA =
      StructuralSchema.of(
          json(
              """
              {'type': 'object', 'properties': {'spec': {'type': 'object', 'required': ['size'],
                'properties': {
                  'size': {'type': 'integer', 'minimum': 1, 'maximum': 9},
                  'color': {'type': 'string', 'enum': ['red', 'blue'], 'default': 'red'},
                  'code': {'type': 'string', 'pattern': '^[a-z]+$', 'maxLength': 3},
                  'port': {'x-kubernetes-int-or-string': true},
                  'nothing': {'type': 'string', 'nullable': true},
                  'names': {'type': 'array', 'items': {'type': 'string'},
                            'x-kubernetes-list-type': 'set'},
                  'parts': {'type': 'array', 'x-kubernetes-list-type': 'map',
                            'x-kubernetes-list-map-keys': ['name'],
                            'items': {'type': 'object', 'required': ['name'],
                                      'properties': {'name': {'type': 'string'},
                                                     'count': {'type': 'integer', 'default': 1}}}}
                }}}}
              """),
          BuiltinSchemas.load().objectMeta());

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static ObjectNode object(String spec) {
    return json("{'apiVersion': 'a/v1', 'kind': 'A', 'metadata': {}, 'spec': " + spec + "}");
  }

  private static List<String> problems(ObjectNode object, @Nullable ObjectNode old) {
    List<FieldError> errors =
        new ArrayList<>(new SchemaValidator(SCHEMA).validate("", object, old));
    ListKeys.check(SCHEMA, object, "", errors);
    return errors.stream().map(FieldError::message).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'size': 3, 'port': 80, 'nothing': null, 'names': ['a', 'b']}  |",
        "{'size': 3, 'port': 'http'}                                    |",
        "{'size': 0}             | spec.size in body should be greater than or equal to 1",
        "{'size': 10}            | spec.size in body should be less than or equal to 9",
        "{'size': 'big'}         | spec.size in body must be of type integer: \"string\"",
        "{}                      | spec.size: Required value",
        "{'size': 1, 'color': 'green'} | spec.color: Unsupported value: \"green\"",
        "{'size': 1, 'code': 'A'}      | spec.code in body should match '^[a-z]+$'",
        "{'size': 1, 'code': 'abcd'}   | spec.code: Too long: may not be more than 3",
        "{'size': 1, 'port': true}     | spec.port",
        "{'size': 1, 'names': ['a', 'a']} | spec.names[1]: Duplicate value: \"a\"",
        "{'size': 1, 'parts': [{'name': 'a'}, {'name': 'a'}]} | spec.parts[1]: Duplicate value",
      })
  void aValueIsHeldAgainstItsSchema(String spec, String problem) {
    List<String> problems = problems(object(spec), null);
    if (problem == null) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems).anySatisfy(text -> assertThat(text).contains(problem));
    }
  }

  @Test
  void whatDidNotChangeIsNotCheckedAgain() {
    assertThat(problems(object("{'size': 0, 'code': 'ab'}"), object("{'size': 0}"))).isEmpty();
    assertThat(problems(object("{'size': -1}"), object("{'size': 0}"))).hasSize(1);
  }

  @Test
  void defaultsAreFilledInAtEveryDepth() {
    ObjectNode object = object("{'size': 1, 'parts': [{'name': 'a'}, {'name': 'b', 'count': 7}]}");
    Defaulting.fill(object, SCHEMA);
    assertThat(object.path("spec"))
        .isEqualTo(
            json(
                "{'size': 1, 'parts': [{'name': 'a', 'count': 1}, {'name': 'b', 'count': 7}],"
                    + " 'color': 'red'}"));
  }

  @Test
  void aNullGivesWayToTheDefaultWhereTheFieldTakesNone() {
    ObjectNode object = object("{'size': 1, 'color': null, 'nothing': null}");
    Defaulting.fill(object, SCHEMA);
    assertThat(object.path("spec")).isEqualTo(json("{'size': 1, 'nothing': null, 'color': 'red'}"));
  }
}
