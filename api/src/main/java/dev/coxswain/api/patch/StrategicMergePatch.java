package dev.coxswain.api.patch;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubernetes' own patch: like a merge patch, but lists whose shape says so merge by a key, and
 * directives ({@code $patch}, {@code $retainKeys}, {@code $setElementOrder/…}, {@code
 * $deleteFromPrimitiveList/…}) say what a merge alone cannot.
 */
public final class StrategicMergePatch {
  static final String DIRECTIVE = "$patch";
  private static final String RETAIN_KEYS = "$retainKeys";
  private static final String ORDER = "$setElementOrder/";
  private static final String DELETE = "$deleteFromPrimitiveList/";

  private StrategicMergePatch() {}

  /**
   * The patched document; neither argument is changed.
   *
   * @throws PatchException where a directive is unknown or an element lacks its key
   */
  public static ObjectNode apply(ObjectNode target, ObjectNode patch, Schema schema) {
    return merge(target.deepCopy(), patch.deepCopy(), schema);
  }

  /** Merges into {@code original}; both are consumed. */
  static ObjectNode merge(ObjectNode original, ObjectNode patch, @Nullable Schema schema) {
    JsonNode directive = patch.remove(DIRECTIVE);
    if (directive != null) {
      switch (directive.asString("")) {
        case "replace" -> {
          return stripped(patch);
        }
        case "delete" -> {
          return Json.object();
        }
        case "merge" -> {}
        default -> throw PatchException.malformed("unknown patch type found: " + directive);
      }
    }
    retainKeys(original, patch);
    deleteFromLists(original, patch);
    for (Map.Entry<String, JsonNode> change : patch.properties()) {
      String field = change.getKey();
      if (field.startsWith(ORDER)) {
        String list = field.substring(ORDER.length());
        if (!patch.has(list)) {
          order(original, list, change.getValue(), child(schema, list));
        }
      } else {
        mergeField(original, patch, field, change.getValue(), child(schema, field));
      }
    }
    return original;
  }

  private static void mergeField(
      ObjectNode original,
      ObjectNode patch,
      String field,
      JsonNode value,
      @Nullable Schema schema) {
    JsonNode current = original.get(field);
    if (value.isNull()) {
      original.remove(field);
    } else if (value instanceof ObjectNode changes) {
      if (current instanceof ObjectNode object) {
        original.set(field, merge(object, changes, schema));
      } else {
        // What a directive would delete or keep is not there.
        boolean deletes = changes.path(DIRECTIVE).asString("").equals("delete");
        original.set(field, deletes ? Json.object() : stripped(changes));
      }
    } else if (value instanceof ArrayNode changes) {
      ArrayNode elements = current instanceof ArrayNode array ? array : Json.array();
      original.set(
          field,
          schema != null && schema.patchMerges()
              ? new ListMerge(schema, patch.get(ORDER + field)).merge(elements, changes)
              : strippedList(changes));
    } else {
      original.set(field, value);
    }
  }

  private static void order(
      ObjectNode original, String list, JsonNode order, @Nullable Schema schema) {
    if (schema != null
        && schema.patchMerges()
        && original.get(list) instanceof ArrayNode elements) {
      original.set(list, new ListMerge(schema, order).merge(elements, Json.array()));
    }
  }

  private static @Nullable Schema child(@Nullable Schema schema, String field) {
    if (schema == null) {
      return null;
    }
    Schema property = schema.property(field);
    return property != null ? property : schema.values();
  }

  private static void retainKeys(ObjectNode original, ObjectNode patch) {
    JsonNode keys = patch.remove(RETAIN_KEYS);
    if (keys == null) {
      return;
    }
    if (!keys.isArray()) {
      throw PatchException.malformed("$retainKeys must be a list, found " + keys);
    }
    Set<String> retained = new HashSet<>();
    keys.forEach(key -> retained.add(key.asString("")));
    for (String field : patch.propertyNames()) {
      if (!field.startsWith("$") && !retained.contains(field) && !patch.path(field).isNull()) {
        throw PatchException.malformed(
            "$retainKeys must contain the field \"" + field + "\" of the patch");
      }
    }
    original.retain(retained);
  }

  private static void deleteFromLists(ObjectNode original, ObjectNode patch) {
    for (String field : Set.copyOf(patch.propertyNames())) {
      if (field.startsWith(DELETE)) {
        JsonNode values = patch.remove(field);
        if (!(values instanceof ArrayNode)) {
          throw PatchException.malformed(field + " must be a list");
        }
        if (original.get(field.substring(DELETE.length())) instanceof ArrayNode list) {
          Set<Object> unwanted = new HashSet<>();
          values.forEach(value -> unwanted.add(ListMerge.comparable(value)));
          list.removeIf(element -> unwanted.contains(ListMerge.comparable(element)));
        }
      }
    }
  }

  /** What a patch says where there is nothing yet: no directives, no nulls. */
  static ObjectNode stripped(ObjectNode patch) {
    ObjectNode result = Json.object();
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      if (field.getKey().startsWith(ORDER)
          || field.getKey().startsWith(DELETE)
          || field.getKey().equals(DIRECTIVE)
          || field.getKey().equals(RETAIN_KEYS)
          || field.getValue().isNull()) {
        continue;
      }
      result.set(field.getKey(), strippedValue(field.getValue()));
    }
    return result;
  }

  private static ArrayNode strippedList(ArrayNode list) {
    ArrayNode result = Json.array();
    for (JsonNode element : list) {
      if (!isDirectiveOnly(element)) {
        result.add(strippedValue(element));
      }
    }
    return result;
  }

  private static JsonNode strippedValue(JsonNode value) {
    return switch (value) {
      case ObjectNode object -> stripped(object);
      case ArrayNode array -> strippedList(array);
      default -> value;
    };
  }

  private static boolean isDirectiveOnly(JsonNode element) {
    String directive = element.path(DIRECTIVE).asString("");
    return directive.equals("delete") || (directive.equals("replace") && element.size() == 1);
  }
}
