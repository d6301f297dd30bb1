package dev.coxswain.api.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One node of a structural schema: what may stand at one place of an object. A node is a cheap
 * handle; it may be asked for and dropped freely. References are followed by the implementation, so
 * that a schema may be recursive and a walk must be bounded by the data, never by the schema.
 */
public interface Schema {
  /** A schema that says nothing: everything is allowed and nothing is pruned. */
  static Schema anything() {
    return AnythingSchema.INSTANCE;
  }

  /** What JSON values are allowed here. */
  enum Type {
    /** No restriction, such as {@code RawExtension} or a CRD's free-form field. */
    ANY,
    OBJECT,
    ARRAY,
    STRING,
    INTEGER,
    NUMBER,
    BOOLEAN,
    /** An integer or a string, such as a port. */
    INT_OR_STRING,
    /** A string or a number that is read as a quantity, such as {@code 500m}. */
    QUANTITY
  }

  /** How the elements of a list relate to each other ({@code x-kubernetes-list-type}). */
  enum ListType {
    ATOMIC,
    SET,
    MAP
  }

  /** What JSON values are allowed here. */
  Type type();

  /** The format, such as {@code int32}, {@code date-time} or {@code byte}; empty if none. */
  String format();

  /** The names of the declared properties, sorted. */
  List<String> propertyNames();

  /** The schema of a declared property; null where the property is not declared. */
  @Nullable Schema property(String name);

  /** The schema of the values of a free-keyed map; null where this is not such a map. */
  @Nullable Schema values();

  /** The schema of the elements of a list; null where this is not a list. */
  @Nullable Schema items();

  /** The properties that must be present. */
  List<String> required();

  /** The only values allowed; empty where there is no such restriction. */
  default List<String> enumValues() {
    return List.of();
  }

  /** What stands here where nothing is given; null where nothing does. */
  default @Nullable JsonNode defaultValue() {
    return null;
  }

  /** Whether upstream writes this field also where there is nothing in it, as {} or as a zero. */
  default boolean writtenWhenEmpty() {
    return false;
  }

  /** Whether properties that are not declared are kept. */
  boolean preservesUnknown();

  /** Whether a null value is kept as a value of its own. */
  default boolean nullable() {
    return false;
  }

  /**
   * Whether a value of another type is kept when an object is read, for validation to name it by
   * its path, as with custom resources; otherwise it makes the object unreadable.
   */
  default boolean keepsOtherTypes() {
    return false;
  }

  /** How elements relate, for lists; {@link ListType#ATOMIC} where nothing is said. */
  ListType listType();

  /** The keys by which elements of a {@link ListType#MAP} list are told apart. */
  List<String> listMapKeys();

  /** Whether an object or map is replaced as a whole by server-side apply. */
  default boolean atomicMap() {
    return false;
  }

  /** The key by which strategic merge patch matches list elements; empty if there is none. */
  default String patchMergeKey() {
    return "";
  }

  /** Whether strategic merge patch merges this list rather than replacing it. */
  default boolean patchMerges() {
    return false;
  }

  /** Whether strategic merge patch drops the keys that the patch does not list. */
  default boolean patchRetainsKeys() {
    return false;
  }

  /** What the field means, for a person; empty if there is nothing. May be slow. */
  String description();
}
