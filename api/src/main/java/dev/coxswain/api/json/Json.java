package dev.coxswain.api.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reading and writing of JSON trees with fixed bounds, and small steps through them that treat what
 * is missing, null or of another type as empty.
 */
public final class Json {
  /** Deepest nesting that is read, in levels; deeper input is an error. */
  public static final int MAXIMUM_DEPTH = 500;

  /** Longest number that is read, in characters. */
  public static final int MAXIMUM_NUMBER_LENGTH = 400;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAXIMUM_DEPTH)
                          .maxNumberLength(MAXIMUM_NUMBER_LENGTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private Json() {}

  /** The mapper that all code shares. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /**
   * Reads one value.
   *
   * @throws JacksonException on malformed input, nesting beyond {@link #MAXIMUM_DEPTH}, or more
   *     than one value
   */
  public static JsonNode parse(byte[] json) {
    return MAPPER.readTree(json);
  }

  /** Reads one value, as {@link #parse(byte[])}. */
  public static JsonNode parse(String json) {
    return MAPPER.readTree(json);
  }

  /**
   * Reads one object.
   *
   * @throws JacksonException on malformed input
   * @throws IllegalArgumentException where the value is not an object
   */
  public static ObjectNode parseObject(byte[] json) {
    return object(parse(json));
  }

  /** Reads one object, as {@link #parseObject(byte[])}. */
  public static ObjectNode parseObject(String json) {
    return object(parse(json));
  }

  private static ObjectNode object(JsonNode node) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException("expected a JSON object, found " + typeName(node));
  }

  /** The name of a value's JSON type, for messages: {@code object}, {@code string}, … */
  public static String typeName(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "array";
      case BOOLEAN -> "boolean";
      case NULL, MISSING -> "null";
      case NUMBER -> "number";
      case OBJECT, POJO -> "object";
      case STRING, BINARY -> "string";
    };
  }

  /** Writes a value without white space. */
  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  /** An empty object. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** An empty array. */
  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** The text at a path; empty where there is none. */
  public static String text(JsonNode node, String... path) {
    JsonNode value = at(node, path);
    return value.isString() ? value.asString() : "";
  }

  /** The whole number at a path; {@code otherwise} where there is none. */
  public static long number(JsonNode node, long otherwise, String... path) {
    JsonNode value = at(node, path);
    return value.isIntegralNumber() && value.canConvertToLong() ? value.asLong() : otherwise;
  }

  /** Whether there is a true at a path. */
  public static boolean flag(JsonNode node, String... path) {
    return at(node, path).isBoolean() && at(node, path).asBoolean();
  }

  /** The value at a path; a missing node where there is none. */
  public static JsonNode at(JsonNode node, String... path) {
    JsonNode value = node;
    for (String step : path) {
      value = value.path(step);
    }
    return value;
  }

  /** The object at a path; null where there is none. */
  public static @Nullable ObjectNode objectAt(JsonNode node, String... path) {
    return at(node, path) instanceof ObjectNode object ? object : null;
  }

  /** The object at a path, which is made, replacing what is not an object, where there is none. */
  public static ObjectNode ensureObject(ObjectNode node, String... path) {
    ObjectNode current = node;
    for (String step : path) {
      current = current.get(step) instanceof ObjectNode object ? object : current.putObject(step);
    }
    return current;
  }

  /** Whether two values are equal, where a number's Java type makes no difference. */
  public static boolean same(JsonNode one, JsonNode other) {
    return one.equals(Json::compareLeaves, other);
  }

  /** 0 for equal leaves. Containers are walked by the caller, which calls this for leaves alone. */
  private static int compareLeaves(JsonNode one, JsonNode other) {
    if (one.equals(other)) {
      return 0;
    }
    return one.isNumber()
            && other.isNumber()
            && one.decimalValue().compareTo(other.decimalValue()) == 0
        ? 0
        : 1;
  }

  /** Whether a field is there and is not null. */
  public static boolean has(JsonNode node, String field) {
    return node.hasNonNull(field);
  }
}
