package dev.coxswain.apiserver.verbs;

import tools.jackson.databind.JsonNode;

/** Compares JSON trees by what they say. */
final class Trees {
  private Trees() {}

  /** Whether two trees are equal, however their numbers are held in memory. */
  static boolean same(JsonNode one, JsonNode other) {
    return one.equals(Trees::compare, other);
  }

  private static int compare(JsonNode one, JsonNode other) {
    if (one.isIntegralNumber() && other.isIntegralNumber()) {
      return one.bigIntegerValue().compareTo(other.bigIntegerValue());
    }
    return one.equals(other) ? 0 : 1;
  }
}
