package dev.coxswain.api.patch;

import dev.coxswain.api.json.Json;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Seeded documents with few names, so that two of them meet often. */
final class RandomJson {
  private static final String NAMES = "abc";

  private RandomJson() {}

  static ObjectNode object(Random random, int depth) {
    ObjectNode object = Json.object();
    for (int i = random.nextInt(4); i > 0; i--) {
      object.set(name(random), value(random, depth - 1));
    }
    return object;
  }

  /** A value without nulls, which a merge patch cannot set. */
  static JsonNode value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 5 : 3)) {
      case 0 -> IntNode.valueOf(random.nextInt(3));
      case 1 -> StringNode.valueOf(name(random));
      case 2 -> BooleanNode.valueOf(random.nextBoolean());
      case 3 -> {
        ArrayNode array = Json.array();
        for (int i = random.nextInt(3); i > 0; i--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
      default -> object(random, depth);
    };
  }

  static String name(Random random) {
    int at = random.nextInt(NAMES.length());
    return NAMES.substring(at, at + 1);
  }
}
