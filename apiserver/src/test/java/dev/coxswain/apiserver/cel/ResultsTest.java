package dev.coxswain.apiserver.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.types.SimpleType;
import dev.coxswain.api.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What expressions make. Apostrophes of JSON stand for quotes. */
class ResultsTest {
  private static final Environment ENVIRONMENT =
      Environment.of(Map.of("object", SimpleType.DYN), List.of()).constructing();

  private static Object evaluate(String expression) throws MalformedExpressionException {
    var pod =
        JsonValues.of(
            Json.parseObject(
                "{'spec':{'containers':[{'name':'a'},{'name':'b'}],'n':3}}".replace('\'', '"')));
    return switch (ENVIRONMENT.compile(expression).evaluate(Map.of("object", pod))) {
      case Expression.Outcome.Value value -> value.value();
      case Expression.Outcome.Failure failure -> throw new AssertionError(failure.message());
    };
  }

  private static String object(String expression) throws Exception {
    return Results.object(evaluate(expression)).toString().replace('"', '\'');
  }

  private static String patch(String expression) throws Exception {
    return Results.patch(evaluate(expression)).toString().replace('"', '\'');
  }

  @Test
  void objects() throws Exception {
    assertThat(
            object("Object{metadata: Object.metadata{annotations: {\"mutated-by\": \"policy\"}}}"))
        .isEqualTo("{'metadata':{'annotations':{'mutated-by':'policy'}}}");
    assertThat(
            object(
                "Object{spec: Object.spec{replicas: object.spec.n + 1, paused: true, containers:"
                    + " object.spec.containers.map(c, Object.spec.containers{name: c.name, image:"
                    + " 'x'})}}"))
        .isEqualTo(
            "{'spec':{'replicas':4,'paused':true,'containers':[{'name':'a','image':'x'},"
                + "{'name':'b','image':'x'}]}}");
    assertThat(object("object.spec.n > 5 ? Object{spec: Object.spec{}} : Object{}"))
        .isEqualTo("{}");
    assertThat(object("Object{spec: Object.spec{?a: optional.none(), ?b: optional.of(1.5)}}"))
        .isEqualTo("{'spec':{'b':1.5}}");
    assertThat(object("Object{spec: object.spec}"))
        .isEqualTo("{'spec':{'containers':[{'name':'a'},{'name':'b'}],'n':3}}");
  }

  @Test
  void typesAreNamedAfterTheirPlace() {
    assertThatThrownBy(() -> object("Object{spec: Object.status{}}"))
        .isInstanceOf(Results.UnusableException.class)
        .hasMessage(
            "type mismatch: unexpected type name \"Object.status\", expected \"Object.spec\", which"
                + " matches field name path from root Object type");
    assertThatThrownBy(() -> object("Object.spec{}")).isInstanceOf(Results.UnusableException.class);
    assertThatThrownBy(() -> evaluate("Thing{}"))
        .isInstanceOf(MalformedExpressionException.class)
        .hasMessageContaining("Thing");
  }

  @Test
  void patches() throws Exception {
    assertThat(
            patch(
                "[JSONPatch{op: 'test', path: '/spec/n', value: object.spec.n}, JSONPatch{op:"
                    + " 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value:"
                    + " 'x'}, JSONPatch{op: 'add', path: '/spec/selector', value:"
                    + " Object.spec.selector{matchLabels: {'a': 'b'}}}]"))
        .isEqualTo(
            "[{'op':'test','path':'/spec/n','value':3},"
                + "{'op':'add','path':'/metadata/labels/a~1b~0c','value':'x'},"
                + "{'op':'add','path':'/spec/selector','value':{'matchLabels':{'a':'b'}}}]");
    assertThat(patch("object.spec.n > 5 ? [JSONPatch{op: 'remove', path: '/spec'}] : []"))
        .isEqualTo("[]");
    assertThat(patch("[JSONPatch{op: 'move', from: '/a', path: '/b'}]"))
        .isEqualTo("[{'op':'move','from':'/a','path':'/b'}]");
    assertThatThrownBy(() -> evaluate("[JSONPatch{op: 1, path: ''}]"))
        .isInstanceOf(MalformedExpressionException.class)
        .hasMessageContaining("expected type of field 'op' is 'string'");
  }

  @Test
  void onlyWhereTheyAreAskedFor() {
    Environment looking = Environment.of(Map.of(), List.of());
    assertThatThrownBy(() -> looking.compile("Object{}"))
        .isInstanceOf(MalformedExpressionException.class);
  }
}
