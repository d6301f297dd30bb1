package dev.coxswain.api.fields;

import dev.coxswain.api.schema.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a value is taken apart: by its schema, or by what it is where the schema says nothing, as for
 * fields of run-time types that are kept without being declared.
 */
enum Shape {
  /** A scalar, or something that is replaced as a whole. */
  LEAF,
  /** An object or a map. */
  MAP,
  /** A list whose elements are told apart by their values. */
  SET,
  /** A list whose elements are told apart by keys. */
  KEYED;

  static Shape of(@Nullable Schema schema, JsonNode value) {
    if (value.isObject()) {
      return schema != null && schema.atomicMap() ? LEAF : MAP;
    }
    if (!value.isArray() || schema == null || schema.type() != Schema.Type.ARRAY) {
      return LEAF;
    }
    return switch (schema.listType()) {
      case ATOMIC -> LEAF;
      case SET -> SET;
      case MAP -> KEYED;
    };
  }

  /** Whether this is a list whose elements are tracked one by one. */
  boolean isList() {
    return this == SET || this == KEYED;
  }

  /** The schema of a field; null where nothing is known of it. */
  static @Nullable Schema field(@Nullable Schema schema, String name) {
    if (schema == null) {
      return null;
    }
    Schema property = schema.property(name);
    return property != null ? property : schema.values();
  }

  /** Whether a field is declared by its name, and not one key of a map. */
  static boolean declares(@Nullable Schema schema, String name) {
    return schema != null && schema.property(name) != null;
  }

  static @Nullable Schema items(@Nullable Schema schema) {
    return schema == null ? null : schema.items();
  }

  /** The schema behind a step. */
  static @Nullable Schema behind(@Nullable Schema schema, String step) {
    return Steps.isField(step) ? field(schema, Steps.name(step)) : items(schema);
  }

  /**
   * The step to an element of a list of this shape; null where a key of it is missing, which only
   * an object can do that was stored before its list had keys.
   */
  @Nullable String step(@Nullable Schema schema, JsonNode element) {
    return this == SET
        ? Steps.value(element)
        : Steps.element(element, schema == null ? List.of() : schema.listMapKeys(), items(schema));
  }
}
