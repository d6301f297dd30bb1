package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.DeviceExpressions;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of DeviceClass, ResourceClaim and ResourceClaimTemplate: their selectors compile. */
public final class DeviceStrategy extends StandardStrategy {
  private static final int LONGEST = 10 * 1024;

  /** Rules for objects of this shape. */
  public DeviceStrategy(Schema schema, boolean hasStatus, boolean tracksGeneration) {
    super(schema, hasStatus, tracksGeneration);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    selectors(spec, "spec", errors);
    requests(spec, "spec", errors);
    requests(spec.path("spec"), "spec.spec", errors);
  }

  private static void requests(JsonNode claim, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode request : Json.at(claim, "devices", "requests")) {
      String place = path + ".devices.requests[" + index++ + "]";
      selectors(request.path("exactly"), place + ".exactly", errors);
      int choice = 0;
      for (JsonNode alternative : request.path("firstAvailable")) {
        selectors(alternative, place + ".firstAvailable[" + choice++ + "]", errors);
      }
    }
  }

  private static void selectors(JsonNode holder, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode selector : holder.path("selectors")) {
      String place = path + ".selectors[" + index++ + "].cel";
      if (!selector.path("cel").isObject()) {
        errors.add(FieldError.required(place, ""));
        continue;
      }
      String text = Json.text(selector, "cel", "expression");
      if (text.length() > LONGEST) {
        errors.add(FieldError.tooLong(place + ".expression", LONGEST));
      } else if (text.isEmpty()) {
        errors.add(FieldError.required(place + ".expression", ""));
      } else {
        DeviceExpressions.problem(text)
            .ifPresent(
                problem -> errors.add(FieldError.invalid(place + ".expression", text, problem)));
      }
    }
  }
}
