package dev.coxswain.apiserver.cel;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.coxswain.apiserver.cel.ValueType.Field;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** JSON as expressions see it: objects and lists are read where they are looked at. */
public final class JsonValues {
  private JsonValues() {}

  /** A value of which nothing was known beforehand. */
  public static Object of(JsonNode value) {
    return of(value, ValueType.dynamic(0));
  }

  /**
   * A value of a type.
   *
   * @throws dev.cel.common.exceptions.CelRuntimeException where it cannot be one of that type
   */
  public static Object of(JsonNode value, ValueType type) {
    if (value.isNull() || value.isMissingNode()) {
      return NullValue.NULL_VALUE;
    }
    return switch (type.kind()) {
      case DYNAMIC -> dynamic(value);
      case OBJECT -> value.isObject() ? new ObjectView(value, type) : mismatch("a map", value);
      case MAP -> value.isObject() ? new MapView(value, type.element()) : mismatch("a map", value);
      case LIST -> value.isArray() ? new ListView(value, type) : mismatch("an array", value);
      case BOOLEAN -> value.isBoolean() ? value.asBoolean() : mismatch("boolean", value);
      case INTEGER -> integer(value);
      case NUMBER -> value.isNumber() ? value.asDouble() : mismatch("number", value);
      case STRING -> text(value);
      case BYTES -> bytes(text(value));
      case DURATION -> Durations.parse(text(value));
      case DATE -> date(text(value));
      case TIMESTAMP -> timestamp(text(value));
    };
  }

  private static Object dynamic(JsonNode value) {
    if (value.isObject()) {
      return new MapView(value, null);
    }
    if (value.isArray()) {
      return new ListView(value, null);
    }
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    if (value.isNumber()) {
      return value.isIntegralNumber() && value.canConvertToLong()
          ? (Object) value.asLong()
          : (Object) value.asDouble();
    }
    return value.asString("");
  }

  private static Object integer(JsonNode value) {
    if (value.isNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    return mismatch("integer", value);
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.asString() : mismatch("string", value).toString();
  }

  private static CelByteString bytes(String text) {
    try {
      return CelByteString.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new CelBadFormatException(
          "Invalid byte formatted string " + text + ": " + e.getMessage());
    }
  }

  private static Instant date(String text) {
    try {
      return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      throw new CelBadFormatException(
          "Invalid date formatted string " + text + ": " + e.getMessage());
    }
  }

  private static Instant timestamp(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new CelBadFormatException(
          "Invalid date-time formatted string " + text + ": " + e.getMessage());
    }
  }

  private static Object mismatch(String wanted, JsonNode found) {
    throw new CelBadFormatException(
        "invalid data, expected " + wanted + ", got " + found.getNodeType());
  }

  static Object field(JsonNode object, Field field) {
    return of(object.path(field.property()), field.type());
  }
}
