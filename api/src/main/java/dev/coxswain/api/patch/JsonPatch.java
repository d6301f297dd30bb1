package dev.coxswain.api.patch;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** RFC 6902. The messages are those of the library that Kubernetes uses. */
public final class JsonPatch {
  /** Most operations in one patch. */
  public static final int MAXIMUM_OPERATIONS = 10_000;

  /**
   * Most values that the copy operations of one patch may add; stops exponential growth. With the
   * text that counts as one this is upstream's three megabytes.
   */
  public static final int MAXIMUM_COPIED_NODES = 100_000;

  /** Characters of text that count as one copied value. */
  private static final int TEXT_PER_VALUE = 32;

  private JsonNode document;
  private int copied;

  private JsonPatch(JsonNode document) {
    this.document = document;
  }

  /**
   * The patched document; the target itself is not changed.
   *
   * @throws PatchException where the patch is malformed or an operation does not apply
   */
  public static JsonNode apply(JsonNode target, JsonNode operations) {
    if (!operations.isArray()) {
      throw PatchException.malformed("a JSON patch must be an array of operations");
    }
    if (operations.size() > MAXIMUM_OPERATIONS) {
      throw PatchException.malformed(
          "The allowed maximum operations in a JSON patch is "
              + MAXIMUM_OPERATIONS
              + ", got "
              + operations.size());
    }
    JsonPatch patch = new JsonPatch(target.deepCopy());
    operations.forEach(patch::step);
    return patch.document;
  }

  private void step(JsonNode operation) {
    String name = operation.path("op").asString("");
    if (!operation.path("path").isString()) {
      throw PatchException.malformed("the operation " + operation + " has no path");
    }
    String path = operation.path("path").asString();
    switch (name) {
      case "add" -> add(name, path, value(operation));
      case "remove" -> remove(name, path);
      case "replace" -> replace(path, value(operation));
      case "move" -> {
        String from = from(operation);
        if (path.startsWith(from + "/")) {
          throw PatchException.inapplicable("a value cannot be moved into itself: " + path);
        }
        JsonNode moved = get("move", from);
        remove(name, from);
        add(name, path, moved);
      }
      case "copy" -> {
        JsonNode value = get("copy", from(operation)).deepCopy();
        copied += count(value);
        if (copied > MAXIMUM_COPIED_NODES) {
          throw PatchException.inapplicable(
              "the copy operations add more than " + MAXIMUM_COPIED_NODES + " values");
        }
        add(name, path, value);
      }
      case "test" -> test(path, value(operation));
      default -> throw PatchException.malformed("Unexpected kind: " + name);
    }
  }

  /**
   * How much a copy adds; a long text counts for many values, since it is written out each time.
   */
  private static int count(JsonNode node) {
    int count = 1 + (node.isString() ? node.asString().length() / TEXT_PER_VALUE : 0);
    for (JsonNode child : node) {
      count += count(child);
    }
    return count;
  }

  /** Null where there is none: clients written in Go leave an empty field out. */
  private static JsonNode value(JsonNode operation) {
    JsonNode value = operation.get("value");
    return value == null ? NullNode.getInstance() : value.deepCopy();
  }

  private static String from(JsonNode operation) {
    if (!operation.path("from").isString()) {
      throw PatchException.malformed("the operation " + operation + " has no from");
    }
    return operation.path("from").asString();
  }

  private void test(String path, JsonNode expected) {
    JsonNode actual = find(path);
    boolean equal = actual == null ? expected.isNull() : Json.same(actual, expected);
    if (!equal) {
      throw PatchException.failedTest("testing value " + path + " failed: test failed");
    }
  }

  private void add(String operation, String path, JsonNode value) {
    if (path.isEmpty()) {
      document = value;
      return;
    }
    List<String> steps = steps(path);
    switch (parent(operation, path, steps)) {
      case ObjectNode object -> object.set(steps.getLast(), value);
      case ArrayNode array -> {
        String last = steps.getLast();
        int index = last.equals("-") ? array.size() : index(operation, path, last);
        if (index > array.size()) {
          throw missing(operation, path, "index out of bounds");
        }
        array.insert(index, value);
      }
      default -> throw missing(operation, path, "missing value");
    }
  }

  private void remove(String operation, String path) {
    if (path.isEmpty()) {
      throw missing(operation, path, "missing value");
    }
    List<String> steps = steps(path);
    get(operation, path);
    switch (parent(operation, path, steps)) {
      case ObjectNode object -> object.remove(steps.getLast());
      case ArrayNode array -> array.remove(index(operation, path, steps.getLast()));
      default -> throw missing(operation, path, "missing value");
    }
  }

  private void replace(String path, JsonNode value) {
    get("replace", path);
    if (path.isEmpty()) {
      document = value;
      return;
    }
    List<String> steps = steps(path);
    switch (parent("replace", path, steps)) {
      case ObjectNode object -> object.set(steps.getLast(), value);
      case ArrayNode array -> array.set(index("replace", path, steps.getLast()), value);
      default -> throw missing("replace", path, "missing value");
    }
  }

  private JsonNode get(String operation, String path) {
    JsonNode value = find(path);
    if (value == null) {
      throw missing(operation, path, "missing value");
    }
    return value;
  }

  private @Nullable JsonNode find(String path) {
    JsonNode current = document;
    for (String step : steps(path)) {
      current = child(current, step);
      if (current == null) {
        return null;
      }
    }
    return current;
  }

  private static @Nullable JsonNode child(JsonNode node, String step) {
    if (node.isArray()) {
      int index = parseIndex(step);
      return index < 0 ? null : node.get(index);
    }
    return node.get(step);
  }

  private JsonNode parent(String operation, String path, List<String> steps) {
    JsonNode current = document;
    for (String step : steps.subList(0, steps.size() - 1)) {
      current = child(current, step);
      if (current == null) {
        throw missing(operation, path, "missing value");
      }
    }
    return current;
  }

  private static int index(String operation, String path, String step) {
    int index = parseIndex(step);
    if (index < 0) {
      throw missing(operation, path, "invalid array index '" + step + "'");
    }
    return index;
  }

  private static int parseIndex(String step) {
    if (step.isEmpty() || step.length() > 9 || !step.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Integer.parseInt(step);
  }

  private static PatchException missing(String operation, String path, String why) {
    return PatchException.inapplicable(
        operation + " operation does not apply: doc is missing path: \"" + path + "\": " + why);
  }

  private static List<String> steps(String path) {
    List<String> steps = new ArrayList<>();
    if (path.isEmpty()) {
      return steps;
    }
    if (path.charAt(0) != '/') {
      throw PatchException.malformed("the path \"" + path + "\" does not begin with a slash");
    }
    for (String step : path.substring(1).split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return steps;
  }
}
