package dev.coxswain.apiserver.schema;

import dev.coxswain.api.schema.Schema;

/**
 * How a schema node lies in the arena of ints, shared by the generator and the reader. All
 * definitions together take a few hundred kilobytes this way, where object trees would take tens of
 * megabytes.
 */
public final class SchemaLayout {
  /** Distinguishes the resource's format; raised with every change. */
  public static final int VERSION = 5;

  /** Where the definitions stand on the class path. */
  public static final String SCHEMAS = "/dev/coxswain/apiserver/schema/builtin.schemas";

  /** Where the descriptions stand on the class path: needed by explain alone. */
  public static final String DESCRIPTIONS = "/dev/coxswain/apiserver/schema/builtin.descriptions";

  /** Offset of the flags. */
  public static final int FLAGS = 0;

  /** Offset of the format's string. */
  public static final int FORMAT = 1;

  /** Offset of the description's number. */
  public static final int DESCRIPTION = 2;

  /**
   * Offset of the element's or value's node, or, for a reference, the definition's number; -1 if
   * there is none.
   */
  public static final int CHILD = 3;

  /** Offset of the patch merge key's string. */
  public static final int MERGE_KEY = 4;

  /** Offset of the list map keys' string, joined by commas. */
  public static final int LIST_KEYS = 5;

  /** Offset of the required properties' string, joined by commas. */
  public static final int REQUIRED = 6;

  /** Offset of the allowed values' string, joined by commas. */
  public static final int ENUM = 7;

  /** Offset of the default's string; empty for none, and for every default that is no text. */
  public static final int DEFAULT = 8;

  /** Offset of the number of properties; that many (name, node) pairs follow, sorted by name. */
  public static final int PROPERTY_COUNT = 9;

  /** Ints in a node without properties. */
  public static final int NODE_SIZE = 10;

  /** The bits of the flags that hold the type's code. */
  public static final int TYPE_MASK = 0xf;

  /** A list whose elements are unique values. */
  public static final int LIST_SET = 1 << 4;

  /** A list whose elements have keys. */
  public static final int LIST_MAP = 1 << 5;

  /** Unknown properties are kept. */
  public static final int PRESERVES = 1 << 6;

  /** Strategic merge patch merges the list. */
  public static final int MERGES = 1 << 7;

  /** Strategic merge patch drops keys that the patch does not retain. */
  public static final int RETAINS_KEYS = 1 << 8;

  /** A map or object that is applied as a whole. */
  public static final int ATOMIC_MAP = 1 << 9;

  /** The node stands for a definition. */
  public static final int REFERENCE = 1 << 10;

  /** The field is written also where it is empty. */
  public static final int WRITTEN_EMPTY = 1 << 11;

  private SchemaLayout() {}

  /** The code of a type in the flags. */
  public static int code(Schema.Type type) {
    return switch (type) {
      case ANY -> 0;
      case OBJECT -> 1;
      case ARRAY -> 2;
      case STRING -> 3;
      case INTEGER -> 4;
      case NUMBER -> 5;
      case BOOLEAN -> 6;
      case INT_OR_STRING -> 7;
      case QUANTITY -> 8;
    };
  }

  /** The type with this code. */
  public static Schema.Type type(int code) {
    return switch (code) {
      case 0 -> Schema.Type.ANY;
      case 1 -> Schema.Type.OBJECT;
      case 2 -> Schema.Type.ARRAY;
      case 3 -> Schema.Type.STRING;
      case 4 -> Schema.Type.INTEGER;
      case 5 -> Schema.Type.NUMBER;
      case 6 -> Schema.Type.BOOLEAN;
      case 7 -> Schema.Type.INT_OR_STRING;
      case 8 -> Schema.Type.QUANTITY;
      default -> throw new IllegalStateException("unknown schema type code " + code);
    };
  }
}
