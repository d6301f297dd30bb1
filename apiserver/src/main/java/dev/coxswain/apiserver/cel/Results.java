package dev.coxswain.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.coxswain.api.json.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** What expressions have made, as JSON. */
public final class Results {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Results() {}

  /** A value of no use here. */
  public static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }
  }

  /**
   * The fields of an {@code Object}.
   *
   * @throws UnusableException where it is none, or holds one whose type is not named after its
   *     place
   */
  public static ObjectNode object(Object value) throws UnusableException {
    if (value instanceof Map<?, ?> fields && !type(fields).isEmpty()) {
      checkTypes(value, ObjectConstruction.OBJECT);
      return map(fields);
    }
    throw new UnusableException("unsupported return type from ApplyConfiguration expression");
  }

  /** The operations of a JSON patch, from a list of {@code JSONPatch}. */
  public static ArrayNode patch(Object value) throws UnusableException {
    if (!(value instanceof List<?> list)) {
      throw new UnusableException("type mismatch: a JSON patch is an array");
    }
    ArrayNode operations = Json.array();
    for (Object one : list) {
      if (!(one instanceof Map<?, ?> operation
          && type(operation).equals(ObjectConstruction.PATCH))) {
        throw new UnusableException("type mismatch: a JSON patch is an array of JSONPatch");
      }
      if (operation.get("value") instanceof Map<?, ?> made && !type(made).isEmpty()) {
        checkTypes(made, type(made));
      }
      operations.add(map(operation));
    }
    return operations;
  }

  /**
   * A type is named after the place of its object, so that a slip of the pen is found. Lists and
   * maps on the way have no name.
   */
  private static void checkTypes(Object value, String expected) throws UnusableException {
    List<String> problems = new ArrayList<>();
    mismatches(value, expected, problems);
    if (!problems.isEmpty()) {
      throw new UnusableException("type mismatch: " + String.join("\n", problems));
    }
  }

  private static void mismatches(Object value, String expected, List<String> problems) {
    switch (value) {
      case Map<?, ?> map -> {
        String type = type(map);
        if (!type.isEmpty() && !type.equals(expected)) {
          problems.add(
              "unexpected type name \""
                  + type
                  + "\", expected \""
                  + expected
                  + "\", which matches field name path from root Object type");
        }
        map.forEach((field, child) ->
            mismatches(child, type.isEmpty() ? expected : expected + "." + field, problems));
      }
      case List<?> list -> list.forEach(element -> mismatches(element, expected, problems));
      default -> {}
    }
  }

  /** The type of an object that was made; empty for any other map. */
  private static String type(Map<?, ?> value) {
    return value.get(ObjectConstruction.TYPE) instanceof String type ? type : "";
  }

  private static JsonNode json(Object value) throws UnusableException {
    return switch (value) {
      case Map<?, ?> map -> map(map);
      case List<?> list -> {
        ArrayNode array = Json.array();
        for (Object element : list) {
          array.add(json(element));
        }
        yield array;
      }
      case NullValue _ -> NullNode.getInstance();
      case Boolean flag -> NODES.booleanNode(flag);
      case Long number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case UnsignedLong number -> NODES.numberNode(number.bigIntegerValue());
      case String text -> NODES.stringNode(text);
      case CelByteString bytes ->
          NODES.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      case Instant time -> NODES.stringNode(time.toString());
      case Duration duration -> NODES.stringNode(seconds(duration));
      default ->
          throw new UnusableException(
              "a value of type " + value.getClass().getSimpleName() + " cannot be put into JSON");
    };
  }

  /** As protocol buffers print a duration in JSON: {@code 1.5s}. */
  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString() + "s";
  }

  private static ObjectNode map(Map<?, ?> map) throws UnusableException {
    ObjectNode object = Json.object();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String name)) {
        throw new UnusableException("map key \"" + entry.getKey() + "\" is not a string");
      }
      if (!name.equals(ObjectConstruction.TYPE)) {
        object.set(name, json(entry.getValue()));
      }
    }
    return object;
  }
}
