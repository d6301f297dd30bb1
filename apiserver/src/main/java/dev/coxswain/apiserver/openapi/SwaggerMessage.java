package dev.coxswain.apiserver.openapi;

import java.util.List;
import java.util.Map;

/**
 * The messages of {@code openapi.v2}, gnostic's binary form of a Swagger document, as far as ours
 * has them: what each JSON property becomes.
 */
enum SwaggerMessage {
  DOCUMENT,
  INFO,
  PATH_ITEM,
  OPERATION,
  /** One of the three that follow. */
  PARAMETER,
  BODY_PARAMETER,
  QUERY_PARAMETER,
  PATH_PARAMETER,
  RESPONSE,
  SCHEMA;

  /** How a property's value is written. */
  enum Form {
    TEXT,
    FLAG,
    WHOLE_NUMBER,
    NUMBER,
    /** The value as YAML. */
    ANY,
    MESSAGE,
    /** A message with an entry for each property. */
    NAMED
  }

  /**
   * A field. A JSON array becomes one field for each element.
   *
   * @param numbers the field's number, after those of the messages around it that JSON has not
   * @param message what stands in the field or in its entries, where that is a message
   */
  record Field(List<Integer> numbers, Form form, SwaggerMessage message) {}

  /** The entries' field in messages that are maps, and in those around a list. */
  private static final int ENTRIES = 1;

  private static final Map<String, Field> DOCUMENT_FIELDS =
      Map.of("swagger", text(1), "info", message(INFO, 2));
  private static final Map<String, Field> INFO_FIELDS =
      Map.of("title", text(1), "version", text(2));
  private static final Map<String, Field> PATH_ITEM_FIELDS =
      Map.of(
          "get", message(OPERATION, 2),
          "put", message(OPERATION, 3),
          "post", message(OPERATION, 4),
          "delete", message(OPERATION, 5),
          "patch", message(OPERATION, 8),
          "parameters", message(PARAMETER, 9));
  private static final Map<String, Field> OPERATION_FIELDS =
      Map.of(
          "operationId", text(5),
          "produces", text(6),
          "consumes", text(7),
          "parameters", message(PARAMETER, 8),
          "responses", new Field(List.of(9, ENTRIES), Form.NAMED, RESPONSE),
          "schemes", text(10));
  private static final Map<String, Field> BODY_FIELDS =
      Map.of(
          "description", text(1),
          "name", text(2),
          "in", text(3),
          "required", flag(4),
          "schema", message(SCHEMA, 5));
  private static final Map<String, Field> QUERY_FIELDS = parameter(6, 7, 20);
  private static final Map<String, Field> PATH_FIELDS = parameter(5, 6, 19);
  private static final Map<String, Field> RESPONSE_FIELDS =
      Map.of("description", text(1), "schema", message(SCHEMA, 2, 1));
  private static final Map<String, Field> SCHEMA_FIELDS =
      Map.ofEntries(
          Map.entry("$ref", text(1)),
          Map.entry("format", text(2)),
          Map.entry("title", text(3)),
          Map.entry("description", text(4)),
          Map.entry("default", any(5)),
          Map.entry("multipleOf", number(6)),
          Map.entry("maximum", number(7)),
          Map.entry("exclusiveMaximum", flag(8)),
          Map.entry("minimum", number(9)),
          Map.entry("exclusiveMinimum", flag(10)),
          Map.entry("maxLength", whole(11)),
          Map.entry("minLength", whole(12)),
          Map.entry("pattern", text(13)),
          Map.entry("maxItems", whole(14)),
          Map.entry("minItems", whole(15)),
          Map.entry("uniqueItems", flag(16)),
          Map.entry("maxProperties", whole(17)),
          Map.entry("minProperties", whole(18)),
          Map.entry("required", text(19)),
          Map.entry("enum", any(20)),
          Map.entry("additionalProperties", message(SCHEMA, 21, 1)),
          Map.entry("type", text(22, ENTRIES)),
          Map.entry("items", message(SCHEMA, 23, ENTRIES)),
          Map.entry("properties", new Field(List.of(25, ENTRIES), Form.NAMED, SCHEMA)),
          Map.entry("example", any(30)));

  /** The fields of a parameter's message, of which some stand elsewhere in each. */
  private static Map<String, Field> parameter(int type, int format, int uniqueItems) {
    return Map.of(
        "required", flag(1),
        "in", text(2),
        "description", text(3),
        "name", text(4),
        "type", text(type),
        "format", text(format),
        "uniqueItems", flag(uniqueItems));
  }

  private static Field text(Integer... numbers) {
    return new Field(List.of(numbers), Form.TEXT, INFO);
  }

  private static Field flag(int number) {
    return new Field(List.of(number), Form.FLAG, INFO);
  }

  private static Field whole(int number) {
    return new Field(List.of(number), Form.WHOLE_NUMBER, INFO);
  }

  private static Field number(int number) {
    return new Field(List.of(number), Form.NUMBER, INFO);
  }

  private static Field any(int number) {
    return new Field(List.of(number), Form.ANY, INFO);
  }

  private static Field message(SwaggerMessage message, Integer... numbers) {
    return new Field(List.of(numbers), Form.MESSAGE, message);
  }

  /** The fields by the properties' names; properties that are not here are not written. */
  Map<String, Field> fields() {
    return switch (this) {
      case DOCUMENT -> DOCUMENT_FIELDS;
      case INFO -> INFO_FIELDS;
      case PATH_ITEM -> PATH_ITEM_FIELDS;
      case OPERATION -> OPERATION_FIELDS;
      case PARAMETER -> Map.of();
      case BODY_PARAMETER -> BODY_FIELDS;
      case QUERY_PARAMETER -> QUERY_FIELDS;
      case PATH_PARAMETER -> PATH_FIELDS;
      case RESPONSE -> RESPONSE_FIELDS;
      case SCHEMA -> SCHEMA_FIELDS;
    };
  }

  /** The field of {@code x-…} properties; 0 where they are not written. */
  int extensions() {
    return switch (this) {
      case OPERATION -> 13;
      case SCHEMA -> 31;
      default -> 0;
    };
  }
}
