package dev.coxswain.apiserver.registry;

import dev.coxswain.api.status.StatusCause;
import java.util.Collection;
import java.util.stream.Collectors;
import tools.jackson.databind.node.StringNode;

/**
 * What is wrong with one field of an object, in the words of Kubernetes' own validation, on which
 * programs and people rely.
 *
 * @param type what kind of error
 * @param field the path, such as {@code spec.containers[0].image}
 * @param value the offending value as it is printed; empty where it is not
 * @param detail what is allowed, or why not; may be empty
 */
public record FieldError(Type type, String field, String value, String detail) {

  /** The kinds of errors, each with the text that begins its message and its cause's reason. */
  public enum Type {
    REQUIRED("Required value", "FieldValueRequired"),
    INVALID("Invalid value", "FieldValueInvalid"),
    TYPE_INVALID("Invalid value", "FieldValueTypeInvalid"),
    NOT_SUPPORTED("Unsupported value", "FieldValueNotSupported"),
    FORBIDDEN("Forbidden", "FieldValueForbidden"),
    DUPLICATE("Duplicate value", "FieldValueDuplicate"),
    TOO_LONG("Too long", "FieldValueTooLong"),
    TOO_MANY("Too many", "FieldValueTooMany"),
    NOT_FOUND("Not found", "FieldValueNotFound"),
    INTERNAL("Internal error", "InternalError");

    private final String text;
    private final String reason;

    Type(String text, String reason) {
      this.text = text;
      this.reason = reason;
    }

    /** The reason of the status cause. */
    public String reason() {
      return reason;
    }
  }

  /** The field must be given. */
  public static FieldError required(String field, String detail) {
    return new FieldError(Type.REQUIRED, field, "", detail);
  }

  /** The value (a string, number, boolean or JSON node) is not acceptable. */
  public static FieldError invalid(String field, Object value, String detail) {
    return new FieldError(Type.INVALID, field, printed(value), detail);
  }

  /** The value is of the wrong JSON type. */
  public static FieldError typeInvalid(String field, Object value, String detail) {
    return new FieldError(Type.TYPE_INVALID, field, printed(value), detail);
  }

  /** The value is not one of a closed set. */
  public static FieldError notSupported(String field, Object value, Collection<String> supported) {
    String detail =
        supported.isEmpty()
            ? ""
            : supported.stream()
                .sorted()
                .map(FieldError::quoted)
                .collect(Collectors.joining(", ", "supported values: ", ""));
    return new FieldError(Type.NOT_SUPPORTED, field, printed(value), detail);
  }

  /** The field may not be set, or not changed, here. */
  public static FieldError forbidden(String field, String detail) {
    return new FieldError(Type.FORBIDDEN, field, "", detail);
  }

  /** The value must be unique among its siblings. */
  public static FieldError duplicate(String field, Object value) {
    return new FieldError(Type.DUPLICATE, field, printed(value), "");
  }

  /** The text is longer than {@code maximum} bytes; the text itself is not repeated. */
  public static FieldError tooLong(String field, int maximum) {
    return new FieldError(Type.TOO_LONG, field, "", "may not be more than " + maximum + " bytes");
  }

  /** The list has more than {@code maximum} elements. */
  public static FieldError tooMany(String field, int actual, int maximum) {
    return new FieldError(
        Type.TOO_MANY,
        field,
        Integer.toString(actual),
        "must have at most " + maximum + (maximum == 1 ? " item" : " items"));
  }

  /** The value names something that does not exist. */
  public static FieldError notFound(String field, Object value) {
    return new FieldError(Type.NOT_FOUND, field, printed(value), "");
  }

  /** What is wrong, without the field: {@code Invalid value: "x": must be …}. */
  public String body() {
    StringBuilder text = new StringBuilder(type.text);
    if (!value.isEmpty()) {
      text.append(": ").append(value);
    }
    if (!detail.isEmpty()) {
      text.append(": ").append(detail);
    }
    return text.toString();
  }

  /** The whole message: {@code spec.replicas: Invalid value: -1: must be …}. */
  public String message() {
    return field.isEmpty() ? body() : field + ": " + body();
  }

  /** As a status carries it. */
  public StatusCause cause() {
    return new StatusCause(type.reason, body(), field);
  }

  private static String printed(Object value) {
    return value instanceof CharSequence text ? quoted(text.toString()) : value.toString();
  }

  private static String quoted(String text) {
    return StringNode.valueOf(text).toString();
  }
}
