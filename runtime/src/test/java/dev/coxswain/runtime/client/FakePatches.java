package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Patches as the server applies them. Strategic merge and apply know the merge keys of the lists
 * that processes patch; any other list is replaced whole. Apply keeps no field ownership: it
 * merges.
 */
final class FakePatches {
  private static final Map<String, String> MERGE_KEYS =
      Map.ofEntries(
          Map.entry("containers", "name"),
          Map.entry("initContainers", "name"),
          Map.entry("ephemeralContainers", "name"),
          Map.entry("volumes", "name"),
          Map.entry("env", "name"),
          Map.entry("imagePullSecrets", "name"),
          Map.entry("volumeMounts", "mountPath"),
          Map.entry("conditions", "type"),
          Map.entry("addresses", "type"),
          Map.entry("ownerReferences", "uid"));

  private FakePatches() {}

  static ObjectNode apply(ObjectNode object, Patch patch) {
    JsonNode body = ModelJson.MAPPER.readTree(patch.json());
    ObjectNode copy = object.deepCopy();
    switch (patch) {
      case Patch.Merge ignored -> merge(copy, (ObjectNode) body);
      case Patch.Strategic ignored -> mergeStrategically(copy, (ObjectNode) body);
      case Patch.Apply ignored -> mergeStrategically(copy, (ObjectNode) body);
      case Patch.Json ignored -> body.forEach(operation -> operate(copy, operation));
    }
    return copy;
  }

  private static void merge(ObjectNode target, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      JsonNode value = field.getValue();
      if (value.isNull()) {
        target.remove(field.getKey());
      } else if (value instanceof ObjectNode nested) {
        merge(objectAt(target, field.getKey()), nested);
      } else {
        target.set(field.getKey(), value);
      }
    }
  }

  private static void mergeStrategically(ObjectNode target, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      String mergeKey = MERGE_KEYS.get(name);
      if (name.startsWith("$setElementOrder/") || name.startsWith("$retainKeys")) {
        continue;
      }
      if (name.startsWith("$deleteFromPrimitiveList/")) {
        String list = name.substring(name.indexOf('/') + 1);
        ArrayNode kept = target.arrayNode();
        target.path(list).forEach(item -> keepUnlessListed(item, value, kept));
        target.set(list, kept);
      } else if (value.isNull()) {
        target.remove(name);
      } else if (value instanceof ObjectNode nested) {
        mergeStrategically(objectAt(target, name), nested);
      } else if (mergeKey != null && value instanceof ArrayNode items) {
        target.set(name, mergeList(target.path(name), items, mergeKey));
      } else if (name.equals("finalizers") && value instanceof ArrayNode items) {
        ArrayNode union = target.arrayNode();
        target.path(name).forEach(union::add);
        items.forEach(item -> keepUnlessListed(item, target.path(name), union));
        target.set(name, union);
      } else {
        target.set(name, value);
      }
    }
  }

  private static void keepUnlessListed(JsonNode item, JsonNode listed, ArrayNode kept) {
    for (JsonNode other : listed) {
      if (other.equals(item)) {
        return;
      }
    }
    kept.add(item);
  }

  private static ArrayNode mergeList(JsonNode current, ArrayNode patch, String key) {
    ArrayNode merged = patch.arrayNode();
    current.forEach(item -> merged.add(item.deepCopy()));
    for (JsonNode item : patch) {
      int at = indexOf(merged, key, item.path(key));
      boolean delete = item.path("$patch").asString("").equals("delete");
      if (delete && at >= 0) {
        merged.remove(at);
      } else if (!delete && at >= 0) {
        mergeStrategically((ObjectNode) merged.get(at), (ObjectNode) item);
      } else if (!delete) {
        merged.add(item.deepCopy());
      }
    }
    return merged;
  }

  private static int indexOf(ArrayNode items, String key, JsonNode value) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).path(key).equals(value)) {
        return i;
      }
    }
    return -1;
  }

  private static ObjectNode objectAt(ObjectNode parent, String name) {
    return parent.get(name) instanceof ObjectNode existing ? existing : parent.putObject(name);
  }

  private static void operate(ObjectNode root, JsonNode operation) {
    String path = operation.path("path").asString();
    String[] names = path.substring(1).split("/", -1);
    JsonNode parent = root;
    for (int i = 0; i < names.length - 1; i++) {
      parent = step(parent, unescape(names[i]));
    }
    String last = unescape(names[names.length - 1]);
    String kind = operation.path("op").asString();
    JsonNode value = operation.path("value");
    JsonNode present = last.equals("-") ? root.missingNode() : step(parent, last);
    if (!kind.equals("add") && present.isMissingNode()) {
      throw new ApiException(
          StatusReason.INVALID, "the server rejected our request: no value at " + path);
    }
    switch (kind) {
      case "test" -> {
        if (!present.equals(value)) {
          throw new ApiException(StatusReason.INVALID, "testing value " + path + " failed");
        }
      }
      case "add", "replace" -> put(parent, last, value, kind.equals("add"));
      case "remove" -> {
        if (parent instanceof ArrayNode items) {
          items.remove(Integer.parseInt(last));
        } else {
          ((ObjectNode) parent).remove(last);
        }
      }
      default -> throw new UnsupportedOperationException("JSON patch operation " + kind);
    }
  }

  private static void put(JsonNode parent, String name, JsonNode value, boolean insert) {
    if (parent instanceof ArrayNode items) {
      if (name.equals("-")) {
        items.add(value);
      } else if (insert) {
        items.insert(Integer.parseInt(name), value);
      } else {
        items.set(Integer.parseInt(name), value);
      }
    } else if (parent instanceof ObjectNode object) {
      object.set(name, value);
    } else {
      throw new ApiException(StatusReason.INVALID, "no parent for " + name);
    }
  }

  private static JsonNode step(JsonNode node, String name) {
    return node instanceof ArrayNode items ? items.path(Integer.parseInt(name)) : node.path(name);
  }

  private static String unescape(String name) {
    return name.replace("~1", "/").replace("~0", "~");
  }
}
