package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The conditions in an object's status. */
public final class Conditions {
  private Conditions() {}

  /**
   * One condition.
   *
   * @param type such as {@code Established}
   * @param status {@code True}, {@code False} or {@code Unknown}
   * @param reason one word in CamelCase
   * @param message for a person
   */
  public record Condition(String type, String status, String reason, String message) {}

  /** The condition of a type. */
  public static Optional<Condition> find(ObjectNode object, String type) {
    for (JsonNode condition : Json.at(object, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Optional.of(
            new Condition(
                type,
                Json.text(condition, "status"),
                Json.text(condition, "reason"),
                Json.text(condition, "message")));
      }
    }
    return Optional.empty();
  }

  /** Whether the condition of a type is {@code True}. */
  public static boolean isTrue(ObjectNode object, String type) {
    return find(object, type).filter(condition -> condition.status().equals("True")).isPresent();
  }

  /**
   * Sets a condition; its time of transition changes only with its status.
   *
   * @param now the time, as it is written
   * @return whether something changed
   */
  public static boolean set(ObjectNode object, Condition wanted, String now) {
    if (find(object, wanted.type()).filter(wanted::equals).isPresent()) {
      return false;
    }
    ObjectNode status = Json.ensureObject(object, "status");
    ArrayNode list =
        status.get("conditions") instanceof ArrayNode given ? given : status.putArray("conditions");
    ObjectNode target = null;
    for (JsonNode condition : list) {
      if (Json.text(condition, "type").equals(wanted.type())) {
        target = (ObjectNode) condition;
      }
    }
    if (target == null) {
      target = list.addObject();
    }
    if (!Json.text(target, "status").equals(wanted.status())) {
      target.put("lastTransitionTime", now);
    }
    target.put("message", wanted.message());
    target.put("reason", wanted.reason());
    target.put("status", wanted.status());
    target.put("type", wanted.type());
    return true;
  }
}
