package dev.coxswain.api.patch;

import dev.coxswain.api.json.Json;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** RFC 7386: objects merge, null removes, everything else replaces. */
public final class MergePatch {
  private MergePatch() {}

  /** The patched document; the target itself is not changed. */
  public static JsonNode apply(JsonNode target, JsonNode patch) {
    if (!(patch instanceof ObjectNode changes)) {
      return patch;
    }
    ObjectNode result = target instanceof ObjectNode object ? copy(object) : Json.object();
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      if (change.getValue().isNull()) {
        result.remove(change.getKey());
      } else {
        result.set(change.getKey(), apply(result.path(change.getKey()), change.getValue()));
      }
    }
    return result;
  }

  private static ObjectNode copy(ObjectNode object) {
    ObjectNode copy = Json.object();
    object.properties().forEach(field -> copy.set(field.getKey(), field.getValue()));
    return copy;
  }
}
