package dev.coxswain.apiserver.kinds.common;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Filling in what was left out. An empty text counts as left out, because typed clients write one
 * for a field that they do not set.
 */
public final class Defaults {
  private Defaults() {}

  /** Sets a text. */
  public static void text(ObjectNode node, String field, String value) {
    if (isUnset(node.path(field))) {
      node.put(field, value);
    }
  }

  /** Sets a number; zero counts as set. */
  public static void number(ObjectNode node, String field, int value) {
    if (!node.hasNonNull(field)) {
      node.put(field, value);
    }
  }

  /** Sets a number; zero counts as left out. */
  public static void positive(ObjectNode node, String field, int value) {
    if (node.path(field).asInt(0) == 0) {
      node.put(field, value);
    }
  }

  /** Sets a flag. */
  public static void flag(ObjectNode node, String field, boolean value) {
    if (!node.hasNonNull(field)) {
      node.put(field, value);
    }
  }

  /** The object at a field, made empty where there is none. */
  public static ObjectNode object(ObjectNode node, String field) {
    return node.get(field) instanceof ObjectNode object ? object : node.putObject(field);
  }

  /** Whether nothing was said. */
  public static boolean isUnset(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isString() && value.asString().isEmpty());
  }
}
