package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Between objects as they are served and the bytes that are stored. */
final class StoredForm {
  /** What stands first, so that a resourceVersion can be put in without parsing. */
  private static final List<String> FIRST = List.of("apiVersion", "kind", "metadata");

  private StoredForm() {}

  /** The bytes to store: of the stored version, without the resourceVersion. */
  static byte[] encode(ResourceType type, ObjectNode served) {
    ObjectNode object = served;
    if (type.converts()) {
      object = served.deepCopy();
      type.conversion().toStored(object);
    }
    ObjectNode ordered = Json.object();
    ordered.put("apiVersion", type.storedKind().apiVersion());
    ordered.put("kind", type.storedKind().kind());
    ObjectNode metadata = ordered.putObject("metadata");
    if (object.get("metadata") instanceof ObjectNode given) {
      metadata.setAll(given);
    }
    metadata.remove("resourceVersion");
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!FIRST.contains(field.getKey())) {
        ordered.set(field.getKey(), field.getValue());
      }
    }
    return Json.bytes(ordered);
  }

  /** The object in the version that the type serves. */
  static ObjectNode decode(ResourceType type, byte[] stored, long revision) {
    ObjectNode object = Json.parseObject(stored);
    if (type.converts()) {
      type.conversion().fromStored(object);
    }
    if (revision > 0) {
      Json.ensureObject(object, "metadata").put("resourceVersion", Long.toString(revision));
    }
    return object;
  }
}
