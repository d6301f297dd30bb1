package dev.coxswain.api.patch;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Merges the elements of one list, and brings them into order. */
final class ListMerge {
  private final @Nullable Schema items;
  private final String mergeKey;
  private final @Nullable JsonNode order;

  ListMerge(Schema list, @Nullable JsonNode order) {
    if (order != null && !order.isArray()) {
      throw PatchException.malformed("$setElementOrder must be a list, found " + order);
    }
    this.items = list.items();
    this.mergeKey = list.patchMergeKey();
    this.order = order;
  }

  ArrayNode merge(ArrayNode original, ArrayNode patch) {
    boolean ofObjects = !mergeKey.isEmpty();
    List<Object> serverOrder = new ArrayList<>();
    original.forEach(element -> serverOrder.add(key(element)));
    Map<Object, JsonNode> merged =
        ofObjects ? mergeObjects(original, patch) : mergeValues(original, patch);
    List<Object> wanted = new ArrayList<>();
    for (JsonNode element : order == null ? patch : order) {
      if (!isDirective(element)) {
        wanted.add(key(element));
      }
    }
    return arrange(merged, wanted, serverOrder);
  }

  private static boolean isDirective(JsonNode element) {
    return element.has(StrategicMergePatch.DIRECTIVE);
  }

  /** What tells an element apart: its merge key's value, or the value itself. */
  private Object key(JsonNode element) {
    if (mergeKey.isEmpty()) {
      return element;
    }
    JsonNode key = element.get(mergeKey);
    if (key == null) {
      throw PatchException.malformed(
          "map: " + element + " does not contain declared merge key: " + mergeKey);
    }
    return comparable(key);
  }

  /** The same for numbers that are equal, whatever their Java type. */
  static Object comparable(JsonNode value) {
    return value.isNumber() ? value.decimalValue().stripTrailingZeros() : value;
  }

  private Map<Object, JsonNode> mergeValues(ArrayNode original, ArrayNode patch) {
    Map<Object, JsonNode> merged = new LinkedHashMap<>();
    original.forEach(value -> merged.putIfAbsent(value, value));
    patch.forEach(value -> merged.putIfAbsent(value, value));
    return merged;
  }

  private Map<Object, JsonNode> mergeObjects(ArrayNode original, ArrayNode patch) {
    Map<Object, JsonNode> merged = new LinkedHashMap<>();
    original.forEach(element -> merged.putIfAbsent(key(element), element));
    // A lone {"$patch": "replace"} drops what is there, and the other elements are all there is.
    for (JsonNode element : patch) {
      if (directive(element).equals("replace") && element.size() == 1) {
        merged.clear();
      }
    }
    for (JsonNode element : patch) {
      switch (directive(element)) {
        case "" -> mergeElement(merged, element);
        case "merge" -> {
          ((ObjectNode) element).remove(StrategicMergePatch.DIRECTIVE);
          mergeElement(merged, element);
        }
        case "delete" -> merged.remove(key(element));
        case "replace" -> {
          if (element.size() > 1) {
            merged.put(key(element), StrategicMergePatch.stripped((ObjectNode) element));
          }
        }
        default ->
            throw PatchException.malformed("unknown patch type found: " + directive(element));
      }
    }
    return merged;
  }

  private static String directive(JsonNode element) {
    JsonNode directive = element.path(StrategicMergePatch.DIRECTIVE);
    return directive.isMissingNode() ? "" : directive.asString("?");
  }

  private void mergeElement(Map<Object, JsonNode> merged, JsonNode element) {
    if (!(element instanceof ObjectNode patch)) {
      throw PatchException.malformed("expected an object in the list, found " + element);
    }
    Object key = key(element);
    merged.put(
        key,
        merged.get(key) instanceof ObjectNode current
            ? StrategicMergePatch.merge(current, patch, items)
            : StrategicMergePatch.stripped(patch));
  }

  /**
   * Elements that the patch names stand in the patch's order; the others keep their place relative
   * to those.
   */
  private static ArrayNode arrange(
      Map<Object, JsonNode> merged, List<Object> wanted, List<Object> serverOrder) {
    List<Object> named = wanted.stream().filter(merged::containsKey).distinct().toList();
    Set<Object> known = new HashSet<>(named);
    List<Object> others = merged.keySet().stream().filter(key -> !known.contains(key)).toList();
    Map<Object, Integer> places = new HashMap<>();
    serverOrder.forEach(key -> places.putIfAbsent(key, places.size()));
    ArrayNode result = Json.array();
    int i = 0;
    int j = 0;
    while (i < named.size() || j < others.size()) {
      boolean takeNamed;
      if (j == others.size()) {
        takeNamed = true;
      } else if (i == named.size()) {
        takeNamed = false;
      } else {
        int place = places.getOrDefault(named.get(i), -1);
        takeNamed = place < 0 || place < places.getOrDefault(others.get(j), -1);
      }
      result.add(merged.get(takeNamed ? named.get(i++) : others.get(j++)));
    }
    return result;
  }
}
