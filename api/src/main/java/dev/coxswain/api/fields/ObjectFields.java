package dev.coxswain.api.fields;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The fields that a configuration speaks of: what its applier owns. */
public final class ObjectFields {
  private final FieldSet.Builder fields = new FieldSet.Builder();
  private final List<String> problems = new ArrayList<>();
  private final List<String> path = new ArrayList<>();

  private ObjectFields() {}

  /** What a configuration speaks of, by a shape. */
  public static FieldSet of(Schema schema, ObjectNode object) {
    ObjectFields walk = new ObjectFields();
    walk.visit(schema, object);
    return walk.fields.build();
  }

  /**
   * What of a configuration is not of its kind's shape: fields that are not declared, values of the
   * wrong type, elements of lists that cannot be told apart. Each with its path, as upstream says
   * it; empty where all is well.
   */
  public static List<String> problems(Schema schema, ObjectNode object) {
    ObjectFields walk = new ObjectFields();
    walk.visit(schema, object);
    return List.copyOf(walk.problems);
  }

  private void visit(@Nullable Schema schema, JsonNode value) {
    checkType(schema, value);
    switch (Shape.of(schema, value)) {
      case LEAF -> fields.add(path);
      case MAP -> map(schema, value);
      case SET -> list(Shape.SET, schema, value);
      case KEYED -> list(Shape.KEYED, schema, value);
    }
  }

  private void checkType(@Nullable Schema schema, JsonNode value) {
    if (schema == null || value.isNull()) {
      return;
    }
    String expected =
        switch (schema.type()) {
          case ANY, INT_OR_STRING, QUANTITY -> "";
          case OBJECT -> value.isObject() ? "" : "map";
          case ARRAY -> value.isArray() ? "" : "list";
          case STRING -> value.isString() ? "" : "string";
          case INTEGER, NUMBER -> value.isNumber() ? "" : "numeric (int or float)";
          case BOOLEAN -> value.isBoolean() ? "" : "boolean";
        };
    if (!expected.isEmpty()) {
      problems.add(printed() + ": expected " + expected + ", got " + Json.typeName(value));
    }
  }

  private static boolean declared(@Nullable Schema schema, String name) {
    return schema == null
        || schema.type() != Schema.Type.OBJECT
        || schema.preservesUnknown()
        || Shape.field(schema, name) != null;
  }

  private void map(@Nullable Schema schema, JsonNode map) {
    for (Map.Entry<String, JsonNode> field : map.properties()) {
      path.add(Steps.field(field.getKey()));
      JsonNode value = field.getValue();
      if (!declared(schema, field.getKey())) {
        problems.add(printed() + ": field not declared in schema");
      }
      visit(Shape.field(schema, field.getKey()), value);
      // A declared object is there because of what is in it; a map's key is something itself.
      boolean empty = value.isObject() && value.isEmpty();
      if (empty || !Shape.declares(schema, field.getKey())) {
        fields.add(path);
      }
      path.removeLast();
    }
  }

  private void list(Shape shape, @Nullable Schema schema, JsonNode list) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode element : list) {
      String step = shape.step(schema, element);
      if (step == null) {
        problems.add(
            printed()
                + ": element "
                + index
                + ": associative list with keys has an element that omits key field "
                + missing(schema, element)
                + " (and doesn't have default value)");
      } else if (!seen.add(step)) {
        problems.add(printed() + ": duplicate entries for key " + Steps.printed(step));
      } else {
        path.add(step);
        visit(Shape.items(schema), element);
        fields.add(path);
        path.removeLast();
      }
      index++;
    }
  }

  private static String missing(@Nullable Schema schema, JsonNode element) {
    List<String> keys = schema == null ? List.of() : schema.listMapKeys();
    for (String key : keys) {
      if (Steps.element(element, List.of(key), Shape.items(schema)) == null) {
        return "\"" + key + "\"";
      }
    }
    return "\"\"";
  }

  private String printed() {
    StringBuilder text = new StringBuilder();
    path.forEach(step -> text.append(Steps.printed(step)));
    return text.toString();
  }
}
