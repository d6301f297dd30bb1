package dev.coxswain.api.fields;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lays an applied configuration over an object. */
public final class ObjectMerge {
  private ObjectMerge() {}

  /**
   * The object with everything that the configuration says; what it does not speak of remains.
   *
   * @return a new object; neither of the two is changed, though it shares parts with both
   */
  public static ObjectNode merge(Schema schema, ObjectNode live, ObjectNode applied) {
    return map(schema, live, applied);
  }

  private static JsonNode value(@Nullable Schema schema, JsonNode live, JsonNode applied) {
    Shape shape = Shape.of(schema, applied);
    if (shape != Shape.of(schema, live)) {
      return applied;
    }
    return switch (shape) {
      case LEAF -> applied;
      case MAP -> map(schema, live, applied);
      case SET, KEYED -> list(shape, schema, live, applied);
    };
  }

  private static ObjectNode map(@Nullable Schema schema, JsonNode live, JsonNode applied) {
    ObjectNode merged = Json.object();
    for (Map.Entry<String, JsonNode> field : live.properties()) {
      merged.set(field.getKey(), field.getValue());
    }
    for (Map.Entry<String, JsonNode> field : applied.properties()) {
      JsonNode old = merged.get(field.getKey());
      merged.set(
          field.getKey(),
          old == null
              ? field.getValue()
              : value(Shape.field(schema, field.getKey()), old, field.getValue()));
    }
    return merged;
  }

  /**
   * The applied elements in their order; those that only the live list has keep their place behind
   * the shared element that they stood behind.
   */
  private static ArrayNode list(
      Shape shape, @Nullable Schema schema, JsonNode live, JsonNode applied) {
    Elements old = Elements.of(shape, schema, live);
    Elements wanted = Elements.of(shape, schema, applied);
    Deque<String> shared = new ArrayDeque<>();
    for (String step : wanted.byStep().keySet()) {
      if (old.byStep().containsKey(step)) {
        shared.add(step);
      }
    }
    ArrayNode merged = Json.array();
    int at = 0;
    Set<String> done = new HashSet<>();
    for (String step : wanted.byStep().keySet()) {
      for (; at < old.steps().size(); at++) {
        String next = old.steps().get(at);
        if (!wanted.byStep().containsKey(next)) {
          if (done.add(next)) {
            merged.add(element(old, next));
          }
        } else if (next.equals(shared.peek())) {
          break;
        }
        // A shared element that stands elsewhere now is put where the configuration has it.
      }
      JsonNode before = old.byStep().get(step);
      JsonNode now = element(wanted, step);
      merged.add(before == null ? now : value(Shape.items(schema), before, now));
      if (step.equals(shared.peek())) {
        shared.remove();
        at++;
      }
    }
    for (; at < old.steps().size(); at++) {
      String next = old.steps().get(at);
      if (!wanted.byStep().containsKey(next) && done.add(next)) {
        merged.add(element(old, next));
      }
    }
    return merged;
  }

  private static JsonNode element(Elements elements, String step) {
    JsonNode element = elements.byStep().get(step);
    if (element == null) {
      throw new IllegalStateException("no element " + step);
    }
    return element;
  }
}
