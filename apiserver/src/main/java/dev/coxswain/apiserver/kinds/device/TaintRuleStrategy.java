package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ConditionRules;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of DeviceTaintRule. */
public final class TaintRuleStrategy extends StandardStrategy {
  private static final int MOST_CONDITIONS = 8;

  /** Rules for objects of this shape. */
  public TaintRuleStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    selector(Json.at(object, "spec", "deviceSelector"), "spec.deviceSelector", errors);
    DeviceRules.taint(Json.at(object, "spec", "taint"), "spec.taint", errors);
  }

  private static void selector(JsonNode selector, String path, List<FieldError> errors) {
    if (selector.has("driver")) {
      Checks.driverName(Json.text(selector, "driver"), path + ".driver", errors);
    }
    if (selector.has("pool")) {
      DeviceRules.pool(Json.text(selector, "pool"), path + ".pool", errors);
    }
    if (selector.has("device")) {
      DeviceRules.label(Json.text(selector, "device"), path + ".device", errors);
    }
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode conditions = Json.at(object, "status", "conditions");
    ConditionRules.check(conditions, "status.conditions", errors);
    if (conditions.size() > MOST_CONDITIONS) {
      errors.add(FieldError.tooMany("status.conditions", conditions.size(), MOST_CONDITIONS));
    }
    return errors;
  }
}
