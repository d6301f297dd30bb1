package dev.coxswain.apiserver.cel;

import dev.cel.common.types.SimpleType;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.ValueType.Equality;
import dev.coxswain.apiserver.cel.ValueType.Field;
import dev.coxswain.apiserver.cel.ValueType.Kind;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * From schemas to types. What a schema leaves open, such as fields that are kept without being
 * declared, expressions cannot name. Sizes are bounded by the schema or else by what fits into a
 * request; the figures are upstream's, because they decide which rules may be written.
 */
public final class SchemaTypes {
  private static final long REQUEST = 3 * 1024 * 1024;
  private static final long STRING_BYTES = REQUEST - 2;
  private static final int BYTES_PER_CHARACTER = 4;
  private static final int TIME = 32;
  private static final int DATE = 12;

  private SchemaTypes() {}

  /** How often a value of this least size can stand in one request. */
  public static long occurrences(ValueType type) {
    return REQUEST / (type.smallest() + 1);
  }

  /**
   * The type of a part of a custom resource; null where expressions do not see it.
   *
   * @param name the name of the type, from which the names of the types within are made
   * @param resource whether it is a whole object with apiVersion, kind and metadata
   */
  public static @Nullable ValueType of(StructuralSchema schema, String name, boolean resource) {
    JsonNode source = schema.source();
    if (schema.intOrString()) {
      JsonNode length = source.path("maxLength");
      return ValueType.dynamic(
          length.isNumber() ? bound(length) * BYTES_PER_CHARACTER : STRING_BYTES);
    }
    return switch (schema.typeName()) {
      case "array" -> list(schema, name);
      case "object" -> {
        StructuralSchema values = schema.additional();
        yield values == null ? object(schema, name, resource) : map(schema, values, name);
      }
      case "string" -> string(source);
      case "boolean" -> ValueType.scalar(Kind.BOOLEAN, SimpleType.BOOL, 0, 4);
      case "number" -> ValueType.scalar(Kind.NUMBER, SimpleType.DOUBLE, 0, 1);
      case "integer" -> ValueType.scalar(Kind.INTEGER, SimpleType.INT, 0, 1);
      default -> null;
    };
  }

  private static @Nullable ValueType list(StructuralSchema schema, String name) {
    StructuralSchema items = schema.items();
    ValueType element = items == null ? null : of(items, name + ".@idx", items.embedded());
    if (element == null) {
      return null;
    }
    JsonNode most = schema.source().path("maxItems");
    long largest = most.isNumber() ? bound(most) : (REQUEST - 2) / (element.smallest() + 1);
    return ValueType.list(element, largest, equality(schema), schema.listMapKeys());
  }

  private static Equality equality(Schema schema) {
    return switch (schema.listType()) {
      case ATOMIC -> Equality.ORDERED;
      case SET -> Equality.SET;
      case MAP -> Equality.KEYED;
    };
  }

  private static @Nullable ValueType map(
      StructuralSchema schema, StructuralSchema values, String name) {
    ValueType value = of(values, name + ".@elem", values.embedded());
    if (value == null) {
      return null;
    }
    JsonNode most = schema.source().path("maxProperties");
    return ValueType.map(
        value, most.isNumber() ? bound(most) : (REQUEST - 2) / (value.smallest() + 6));
  }

  private static ValueType object(StructuralSchema schema, String name, boolean resource) {
    Map<String, Field> fields = new TreeMap<>();
    long smallest = 2;
    for (Map.Entry<String, StructuralSchema> property : schema.properties().entrySet()) {
      StructuralSchema child = property.getValue();
      String key = property.getKey();
      if (resource && (key.equals("metadata") || key.equals("apiVersion") || key.equals("kind"))) {
        continue;
      }
      String escaped = PropertyNames.escape(key).orElse("");
      ValueType type = of(child, name + "." + escaped, child.embedded());
      if (type == null) {
        continue;
      }
      if (!escaped.isEmpty()) {
        fields.put(escaped, new Field(key, type));
      }
      boolean given =
          schema.required().contains(key) && child.source().path("default").isMissingNode();
      smallest += given ? key.length() + type.smallest() + 4 : 0;
    }
    if (resource) {
      identity(fields, name);
    }
    return ValueType.object(name, fields, smallest);
  }

  private static void identity(Map<String, Field> fields, String name) {
    ValueType text = ValueType.scalar(Kind.STRING, SimpleType.STRING, STRING_BYTES, 2);
    fields.put("apiVersion", new Field("apiVersion", text));
    fields.put("kind", new Field("kind", text));
    Map<String, Field> metadata = new TreeMap<>();
    metadata.put("name", new Field("name", text));
    metadata.put("generateName", new Field("generateName", text));
    fields.put(
        "metadata", new Field("metadata", ValueType.object(name + ".metadata", metadata, 2)));
  }

  private static ValueType string(JsonNode source) {
    JsonNode length = source.path("maxLength");
    long bytes = STRING_BYTES;
    if (length.isNumber()) {
      bytes = bound(length) * BYTES_PER_CHARACTER;
    } else if (!source.path("enum").isEmpty()) {
      bytes = 0;
      for (JsonNode value : source.path("enum")) {
        bytes = Math.max(bytes, value.asString("").length());
      }
    }
    return switch (source.path("format").asString("")) {
      case "byte" ->
          ValueType.scalar(
              Kind.BYTES, SimpleType.BYTES, length.isNumber() ? bound(length) : STRING_BYTES, 2);
      case "duration" -> ValueType.scalar(Kind.DURATION, SimpleType.DURATION, TIME, 3);
      case "date" -> ValueType.scalar(Kind.DATE, SimpleType.TIMESTAMP, DATE, DATE);
      case "date-time" -> ValueType.scalar(Kind.TIMESTAMP, SimpleType.TIMESTAMP, TIME, 21);
      default -> ValueType.scalar(Kind.STRING, SimpleType.STRING, bytes, 2);
    };
  }

  private static long bound(JsonNode number) {
    return Math.max(0, Math.min(number.asLong(0), Integer.MAX_VALUE));
  }
}
