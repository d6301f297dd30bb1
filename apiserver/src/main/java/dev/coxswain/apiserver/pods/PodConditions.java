package dev.coxswain.apiserver.pods;

import dev.coxswain.api.json.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code .status.conditions} of a pod. */
final class PodConditions {
  private PodConditions() {}

  static boolean ready(JsonNode pod) {
    return is(pod, "Ready");
  }

  /** Sets a condition to true; one that is true already stays as it is. */
  static void set(ObjectNode pod, String type, String reason, String message, Instant now) {
    if (is(pod, type)) {
      return;
    }
    ObjectNode status = Json.ensureObject(pod, "status");
    ArrayNode conditions = Json.array();
    for (JsonNode condition : status.path("conditions")) {
      if (!Json.text(condition, "type").equals(type)) {
        conditions.add(condition);
      }
    }
    conditions
        .addObject()
        .put("type", type)
        .put("status", "True")
        .put("reason", reason)
        .put("message", message)
        .put("lastTransitionTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
    status.set("conditions", conditions);
  }

  private static boolean is(JsonNode pod, String type) {
    for (JsonNode condition : Json.at(pod, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }
}
