package dev.coxswain.apiserver.structural;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What tells the elements of sets and keyed lists apart. */
public final class ListKeys {
  private ListKeys() {}

  /** The keys of an element of a keyed list, as far as it has them. */
  static ObjectNode keys(StructuralSchema list, JsonNode element) {
    ObjectNode keys = Json.object();
    for (String name : list.listMapKeys()) {
      JsonNode value = element.get(name);
      if (value != null) {
        keys.set(name, value);
      }
    }
    return keys;
  }

  /** The element of an older list that stands for the same thing; null where there is none. */
  public static @Nullable JsonNode counterpart(
      StructuralSchema list, JsonNode element, JsonNode old) {
    if (list.listType() != StructuralSchema.ListType.MAP || !old.isArray()) {
      return null;
    }
    ObjectNode wanted = keys(list, element);
    for (JsonNode candidate : old) {
      if (keys(list, candidate).equals(wanted)) {
        return candidate;
      }
    }
    return null;
  }

  /** Adds an error for every value of a set, and every key of a keyed list, that repeats. */
  public static void check(
      StructuralSchema schema, JsonNode value, String path, List<FieldError> errors) {
    if (value instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        String name = entry.getKey();
        StructuralSchema child = schema.properties().get(name);
        if (child != null) {
          check(child, entry.getValue(), SchemaValidator.join(path, name), errors);
        } else if (schema.additional() != null) {
          check(schema.additional(), entry.getValue(), path + "[" + name + "]", errors);
        }
      }
    } else if (value.isArray()) {
      switch (schema.listType()) {
        case ATOMIC -> {}
        case SET -> repeated(value, path, null, errors);
        case MAP -> keyed(schema, value, path, errors);
      }
      if (schema.items() != null) {
        int index = 0;
        for (JsonNode element : value) {
          check(schema.items(), element, path + "[" + index++ + "]", errors);
        }
      }
    }
  }

  private static void keyed(
      StructuralSchema schema, JsonNode list, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode element : list) {
      if (!element.isObject() && !element.isNull()) {
        errors.add(
            FieldError.invalid(
                path + "[" + index + "]",
                element,
                "must be an object for an array of list-type map"));
        return;
      }
      index++;
    }
    repeated(list, path, schema, errors);
  }

  /** Each repeated value is told once, at its second place. */
  private static void repeated(
      JsonNode list, String path, @Nullable StructuralSchema keyed, List<FieldError> errors) {
    Map<JsonNode, Integer> seen = HashMap.newHashMap(list.size());
    int index = 0;
    for (JsonNode element : list) {
      JsonNode key = keyed == null ? element : keys(keyed, element);
      if (seen.merge(key, 1, Integer::sum) == 2) {
        errors.add(FieldError.duplicate(path + "[" + index + "]", key));
      }
      index++;
    }
  }
}
