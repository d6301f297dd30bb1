package dev.coxswain.api.fields;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The steps of a path through an object, as {@code fieldsV1} writes them: {@code f:name} for a
 * field, {@code k:{"name":"web"}} for an element of a list with keys, {@code v:"text"} for an
 * element of a set, {@code i:0} for a place in a list.
 */
final class Steps {
  private static final String FIELD = "f:";
  private static final String KEY = "k:";
  private static final String VALUE = "v:";
  private static final String INDEX = "i:";

  private Steps() {}

  /** A field of an object, or a key of a map. */
  static String field(String name) {
    return FIELD + name;
  }

  /** Whether a step is to a field, whose name is then {@link #name}. */
  static boolean isField(String step) {
    return step.startsWith(FIELD);
  }

  static String name(String step) {
    return step.substring(FIELD.length());
  }

  /** An element of a list whose elements are unique values. */
  static String value(JsonNode element) {
    return VALUE + element;
  }

  /**
   * An element of a list whose elements have keys; null where one is missing and has no default.
   */
  static @Nullable String element(JsonNode element, List<String> keys, @Nullable Schema items) {
    Map<String, JsonNode> values = new TreeMap<>();
    for (String key : keys) {
      JsonNode value = element.get(key);
      if (value == null || value.isNull()) {
        Schema property = items == null ? null : items.property(key);
        value = property == null ? null : property.defaultValue();
      }
      if (value == null) {
        return null;
      }
      values.put(key, value);
    }
    ObjectNode json = Json.object();
    json.setAll(values);
    return KEY + json;
  }

  /**
   * A step that somebody else wrote, in the one form that is compared here.
   *
   * @throws IllegalArgumentException where it is none
   */
  static String canonical(String step) {
    String rest = step.length() < 2 ? "" : step.substring(2);
    return switch (step.length() < 2 ? "" : step.substring(0, 2)) {
      case FIELD -> step;
      case INDEX -> INDEX + Integer.parseInt(rest);
      case VALUE -> VALUE + Json.parse(rest);
      case KEY -> {
        Map<String, JsonNode> sorted = new TreeMap<>();
        Json.parseObject(rest)
            .properties()
            .forEach(key -> sorted.put(key.getKey(), key.getValue()));
        ObjectNode json = Json.object();
        json.setAll(sorted);
        yield KEY + json;
      }
      default -> throw new IllegalArgumentException("unknown path element type: \"" + step + "\"");
    };
  }

  /** As it stands in a printed path: {@code .name}, {@code [name="web"]}, {@code [="text"]}. */
  static String printed(String step) {
    String rest = step.substring(2);
    return switch (step.substring(0, 2)) {
      case FIELD -> "." + rest;
      case VALUE -> "[=" + rest + "]";
      case KEY ->
          Json.parseObject(rest).properties().stream()
              .map(key -> key.getKey() + "=" + key.getValue())
              .collect(Collectors.joining(",", "[", "]"));
      default -> "[" + rest + "]";
    };
  }
}
