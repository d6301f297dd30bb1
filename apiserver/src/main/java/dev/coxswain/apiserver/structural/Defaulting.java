package dev.coxswain.apiserver.structural;

import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Fills in what a schema says of values that are not given. */
public final class Defaulting {
  private Defaulting() {}

  /**
   * Drops nulls where null is no value, and fills in defaults, in place. A null counts as not given
   * where there is a default.
   */
  public static void fill(JsonNode value, StructuralSchema schema) {
    dropNulls(value, schema);
    if (schema.filled()) {
      defaults(value, schema);
    }
  }

  private static boolean absent(@Nullable JsonNode value, StructuralSchema schema) {
    return value == null || (value.isNull() && !schema.nullable());
  }

  private static void dropNulls(JsonNode value, StructuralSchema schema) {
    if (value instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : new ArrayList<>(object.properties())) {
        StructuralSchema child = schema.field(entry.getKey());
        if (child == null) {
          continue;
        }
        if (entry.getValue().isNull() && !child.nullable() && child.defaultValue() == null) {
          object.remove(entry.getKey());
        } else {
          dropNulls(entry.getValue(), child);
        }
      }
    } else if (value instanceof ArrayNode list && schema.items() != null) {
      for (JsonNode element : list) {
        dropNulls(element, schema.items());
      }
    }
  }

  private static void defaults(JsonNode value, StructuralSchema schema) {
    if (value instanceof ObjectNode object) {
      schema
          .properties()
          .forEach((name, child) -> {
            JsonNode fallback = child.defaultValue();
            if (fallback != null && absent(object.get(name), child)) {
              object.set(name, fallback.deepCopy());
            }
          });
      for (Map.Entry<String, JsonNode> entry : new ArrayList<>(object.properties())) {
        StructuralSchema child = schema.field(entry.getKey());
        if (child == null) {
          continue;
        }
        JsonNode fallback = child.defaultValue();
        if (fallback != null && absent(entry.getValue(), child)) {
          object.set(entry.getKey(), fallback.deepCopy());
        }
        defaults(object.get(entry.getKey()), child);
      }
    } else if (value instanceof ArrayNode list && schema.items() != null) {
      for (int i = 0; i < list.size(); i++) {
        JsonNode fallback = schema.items().defaultValue();
        if (fallback != null && absent(list.get(i), schema.items())) {
          list.set(i, fallback.deepCopy());
        }
        defaults(list.get(i), schema.items());
      }
    }
  }
}
