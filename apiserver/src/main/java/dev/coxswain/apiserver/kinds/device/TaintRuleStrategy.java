package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
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
  private static final int LONGEST_DRIVER = 63;

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
    JsonNode taint = Json.at(object, "spec", "taint");
    String key = Json.text(taint, "key");
    Checks.form(Names.qualifiedName(key), "spec.taint.key", key, errors);
    String value = Json.text(taint, "value");
    Checks.form(Names.labelValue(value), "spec.taint.value", value, errors);
  }

  private static void selector(JsonNode selector, String path, List<FieldError> errors) {
    String driver = Json.text(selector, "driver");
    if (selector.has("driver")) {
      Checks.form(Names.subdomain(driver), path + ".driver", driver, errors);
      if (driver.length() > LONGEST_DRIVER) {
        errors.add(FieldError.tooLong(path + ".driver", LONGEST_DRIVER));
      }
    }
    if (selector.has("pool")) {
      for (String part : Json.text(selector, "pool").split("/", -1)) {
        Checks.form(Names.subdomain(part), path + ".pool", part, errors);
      }
    }
    if (selector.has("device")) {
      String device = Json.text(selector, "device");
      Checks.form(Names.label(device), path + ".device", device, errors);
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
