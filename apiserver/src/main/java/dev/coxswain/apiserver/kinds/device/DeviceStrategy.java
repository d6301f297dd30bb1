package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.DeviceExpressions;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of DeviceClass, ResourceClaim and ResourceClaimTemplate. What a claim asks for never
 * changes, so that only a new one is looked at.
 */
public final class DeviceStrategy extends StandardStrategy {
  private static final int LONGEST = 10 * 1024;

  private final Asks asks;

  /** Where an object says which devices it asks for. */
  public enum Asks {
    /** A class asks for none. */
    NOT,
    /** A claim, in its spec. */
    ITSELF,
    /** A template, in the spec of its claims. */
    FOR_OTHERS
  }

  /** Rules for objects of this shape. */
  public DeviceStrategy(Schema schema, Asks asks) {
    super(schema, asks == Asks.ITSELF, asks == Asks.NOT);
    this.asks = asks;
  }

  private JsonNode claim(ObjectNode object) {
    JsonNode spec = object.path("spec");
    return asks == Asks.FOR_OTHERS ? spec.path("spec") : spec;
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (asks != Asks.NOT) {
      ClaimRules.fill(claim(object));
    }
  }

  @Override
  protected void validateBesideInto(
      ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    if (asks == Asks.NOT) {
      JsonNode spec = object.path("spec");
      selectors(spec, "spec", errors);
      int index = 0;
      for (JsonNode config : spec.path("config")) {
        ClaimRules.configuration(config, "spec.config[" + index++ + "]", errors);
      }
    } else if (old == null) {
      String path = asks == Asks.FOR_OTHERS ? "spec.spec" : "spec";
      requests(claim(object), path, errors);
      ClaimRules.check(claim(object), path, errors);
    } else {
      Checks.immutable(object.path("spec"), old.path("spec"), "spec", errors);
    }
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    if (asks == Asks.ITSELF) {
      AllocationRules.check(object, old, errors);
    }
    return errors;
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
