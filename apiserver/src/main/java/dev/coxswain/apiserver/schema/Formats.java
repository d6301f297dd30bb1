package dev.coxswain.apiserver.schema;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/** Texts with a form of their own: times, bytes, quantities. */
final class Formats {
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private Formats() {}

  /** The text as it is kept; fails where it does not have the form. */
  static String canonical(String format, String text, FieldPath path) {
    return switch (format) {
      case "date-time" -> time(text).truncatedTo(ChronoUnit.SECONDS).toString();
      case "date-time-micro" -> MICROSECONDS.format(time(text));
      case "byte" -> bytes(text, path);
      default -> text;
    };
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException malformed) {
      throw new MalformedObjectException(
          "parsing time \""
              + text
              + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \""
              + text
              + "\" as \"2006\"",
          malformed);
    }
  }

  private static String bytes(String text, FieldPath path) {
    try {
      // Line breaks are allowed within; the decoder itself is strict.
      String joined = text.indexOf('\n') >= 0 ? text.replaceAll("[\r\n]", "") : text;
      var _ = Base64.getDecoder().decode(joined);
      if (joined.length() % 4 != 0) {
        throw new MalformedObjectException(
            "illegal base64 data at input byte " + joined.length() + " in " + path);
      }
      return joined;
    } catch (IllegalArgumentException malformed) {
      throw new MalformedObjectException("illegal base64 data in " + path, malformed);
    }
  }

  /** A quantity in canonical form. */
  static String quantity(String text) {
    try {
      return Quantity.parse(text.strip()).toString();
    } catch (IllegalArgumentException malformed) {
      throw new MalformedObjectException(String.valueOf(malformed.getMessage()), malformed);
    }
  }

  /** How the messages that people know name a type. */
  static String languageType(Schema schema) {
    return switch (schema.type()) {
      case STRING -> schema.format().startsWith("date-time") ? "v1.Time" : "string";
      case INTEGER -> schema.format().isEmpty() ? "int64" : schema.format();
      case NUMBER -> "float64";
      case BOOLEAN -> "bool";
      case INT_OR_STRING -> "intstr.IntOrString";
      case QUANTITY -> "resource.Quantity";
      case ANY -> "runtime.RawExtension";
      case ARRAY -> {
        Schema items = schema.items();
        yield "[]" + (items == null ? "interface {}" : languageType(items));
      }
      case OBJECT -> {
        Schema values = schema.values();
        yield values != null
            ? "map[string]" + languageType(values)
            : BuiltinSchemas.reference(schema).map(Formats::shortName).orElse("object");
      }
    };
  }

  private static String shortName(String definition) {
    String[] parts = definition.split("\\.", -1);
    return parts[parts.length - 2] + "." + parts[parts.length - 1];
  }
}
