package dev.coxswain.apiserver.pods;

import dev.coxswain.api.json.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Sets conditions in a status. */
final class Conditions {
  private Conditions() {}

  /** Sets one; its time of transition changes with its status alone. */
  static void set(
      ObjectNode object, String type, String status, String reason, String message, String now) {
    ObjectNode parent = Json.ensureObject(object, "status");
    ArrayNode list =
        parent.get("conditions") instanceof ArrayNode present
            ? present
            : parent.putArray("conditions");
    ObjectNode condition = null;
    for (JsonNode candidate : list) {
      if (Json.text(candidate, "type").equals(type)) {
        condition = (ObjectNode) candidate;
      }
    }
    if (condition == null) {
      condition = list.addObject().put("type", type);
    }
    if (!Json.text(condition, "status").equals(status)) {
      condition.put("status", status).put("lastTransitionTime", now);
    }
    condition.remove("reason");
    condition.remove("message");
    if (!reason.isEmpty()) {
      condition.put("reason", reason);
    }
    if (!message.isEmpty()) {
      condition.put("message", message);
    }
  }
}
