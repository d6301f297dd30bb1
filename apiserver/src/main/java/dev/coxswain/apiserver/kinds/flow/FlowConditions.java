package dev.coxswain.apiserver.kinds.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The conditions of flow control's kinds: each type once. */
final class FlowConditions {
  private FlowConditions() {}

  static void check(ObjectNode object, List<FieldError> errors) {
    Set<String> types = new HashSet<>();
    int index = 0;
    for (JsonNode condition : Json.at(object, "status", "conditions")) {
      String path = "status.conditions[" + index++ + "].type";
      String type = Json.text(condition, "type");
      if (!types.add(type)) {
        errors.add(FieldError.duplicate(path, type));
      }
      if (type.isEmpty()) {
        errors.add(FieldError.required(path, "must not be empty"));
      }
    }
  }

  /** The objects that the server cannot do without are what they are. */
  static void mandatory(
      ObjectNode object, String name, JsonNode fixed, String what, List<FieldError> errors) {
    if (!Json.same(object.path("spec"), fixed)) {
      errors.add(FieldError.invalid("spec", object.path("spec"), "spec of '" + name + "'" + what));
    }
  }
}
