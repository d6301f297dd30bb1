package dev.coxswain.scheduler.config;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Looks at fields, and says by their path what is wrong with them. */
final class Fields {
  private Fields() {}

  static void known(JsonNode node, String path, Set<String> names) {
    if (!node.isObject()) {
      throw new IllegalArgumentException((path.isEmpty() ? "the file" : path) + ": not an object");
    }
    for (String name : node.propertyNames()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            (path.isEmpty() ? "" : path + ".") + name + ": unknown field");
      }
    }
  }

  static void equal(JsonNode node, String name, String expected) {
    String value = node.path(name).asString("");
    if (!value.equals(expected)) {
      throw new IllegalArgumentException(
          name + ": is \"" + value + "\", expected \"" + expected + "\"");
    }
  }

  static int number(JsonNode node, String path, int absent, int least, int most) {
    JsonNode value = node.path(path.substring(path.lastIndexOf('.') + 1));
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isInt() || value.asInt() < least || value.asInt() > most) {
      throw new IllegalArgumentException(
          path + ": " + value + " is not a number from " + least + " to " + most);
    }
    return value.asInt();
  }
}
