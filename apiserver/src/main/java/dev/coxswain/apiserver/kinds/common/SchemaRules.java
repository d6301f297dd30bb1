package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules that a shape implies: required fields, closed sets of values, unique keys. The status
 * and the metadata are not looked at: the one is the system's, the other the request path's.
 */
final class SchemaRules {
  private SchemaRules() {}

  static void check(Schema schema, ObjectNode object, List<FieldError> errors) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      Schema property = schema.property(field.getKey());
      if (property != null
          && !field.getKey().equals("status")
          && !field.getKey().equals("metadata")) {
        check(property, field.getValue(), field.getKey(), errors);
      }
    }
    for (String required : schema.required()) {
      Schema property = schema.property(required);
      if (property != null && !object.hasNonNull(required) && hasNoZero(property)) {
        errors.add(FieldError.required(required, ""));
      }
    }
  }

  private static void check(Schema schema, JsonNode value, String path, List<FieldError> errors) {
    if (value.isObject()) {
      checkObject(schema, (ObjectNode) value, path, errors);
    } else if (value.isArray()) {
      checkList(schema, value, path, errors);
    } else if (value.isString()) {
      List<String> allowed = schema.enumValues();
      // An empty string is how typed clients spell a field that is not set.
      if (!allowed.isEmpty()
          && !value.asString().isEmpty()
          && !allowed.contains(value.asString())) {
        errors.add(FieldError.notSupported(path, value.asString(), allowed));
      }
    }
  }

  private static void checkObject(
      Schema schema, ObjectNode object, String path, List<FieldError> errors) {
    Schema values = schema.values();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      Schema property = values != null ? values : schema.property(field.getKey());
      if (property != null) {
        String child =
            values != null ? path + "[" + field.getKey() + "]" : path + "." + field.getKey();
        check(property, field.getValue(), child, errors);
      }
    }
    for (String required : schema.required()) {
      Schema property = schema.property(required);
      if (property != null && isMissing(property, object.path(required))) {
        errors.add(FieldError.required(path + "." + required, ""));
      }
    }
  }

  private static boolean isMissing(Schema schema, JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return hasNoZero(schema);
    }
    return value.isString() && value.asString().isEmpty() && !schema.enumValues().isEmpty();
  }

  /**
   * Whether a missing value is not the same as a zero one. Typed clients leave out numbers and
   * lists that are zero or empty, although the published shape calls them required.
   */
  private static boolean hasNoZero(Schema schema) {
    return schema.type() == Schema.Type.STRING
        || (schema.type() == Schema.Type.OBJECT && schema.values() == null);
  }

  private static void checkList(
      Schema schema, JsonNode list, String path, List<FieldError> errors) {
    Schema items = schema.items();
    if (items == null) {
      return;
    }
    Set<Object> seen = new HashSet<>();
    int index = 0;
    for (JsonNode element : list) {
      String child = path + "[" + index + "]";
      check(items, element, child, errors);
      Object key = key(schema, element);
      if (key != null && !seen.add(key)) {
        errors.add(FieldError.duplicate(child, element));
      }
      index++;
    }
  }

  /** What tells an element apart; null where a list may repeat. */
  private static @Nullable Object key(Schema schema, JsonNode element) {
    return switch (schema.listType()) {
      case ATOMIC, MAP -> null;
      case SET -> element.isString() ? element.asString() : element;
    };
  }
}
