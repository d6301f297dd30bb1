package dev.coxswain.apiserver.kinds.migration;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ConditionRules;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of StorageVersionMigration: what is migrated never changes, an end is final. */
public final class MigrationStrategy extends StandardStrategy {
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,18}");
  private static final String CONDITIONS = "status.conditions";

  /** Rules for objects of this shape. */
  public MigrationStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public boolean mayUpdateUnconditionally() {
    return false;
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    String resource = Json.text(object, "spec", "resource", "resource");
    if (resource.isEmpty()) {
      errors.add(FieldError.required("spec.resource.resource", "resource is required"));
    } else {
      Checks.form(Names.label1035(resource), "spec.resource.resource", resource, errors);
    }
    String group = Json.text(object, "spec", "resource", "group");
    if (!group.isEmpty()) {
      Checks.form(Names.subdomain(group), "spec.resource.group", group, errors);
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(object.path("spec"), old.path("spec"), "spec", errors);
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode conditions = Json.at(object, "status", "conditions");
    ConditionRules.check(conditions, CONDITIONS, errors);
    String version = Json.text(object, "status", "resourceVersion");
    String before = Json.text(old, "status", "resourceVersion");
    if (!version.isEmpty() && !NUMBER.matcher(version).matches()) {
      errors.add(
          FieldError.invalid(
              "status.resourceVersion", version, "resource version is not well formed"));
    }
    if (!before.isEmpty() && !before.equals(version)) {
      errors.add(FieldError.invalid("status.resourceVersion", version, "field is immutable"));
    }
    if (is(object, "Succeeded") && is(object, "Failed")) {
      refuse(
          conditions, "Both success and failed conditions cannot be true at the same time", errors);
    }
    for (End end : End.values()) {
      if (is(object, end.type) && is(object, "Running")) {
        refuse(
            conditions,
            "Running condition cannot be true when " + end.name + " condition is true",
            errors);
      }
      if (is(old, end.type) && !is(object, end.type)) {
        String name = Character.toUpperCase(end.name.charAt(0)) + end.name.substring(1);
        refuse(conditions, name + " condition cannot be set to false once it is true", errors);
      }
    }
    return errors;
  }

  /** The conditions that end a migration, with what upstream calls them in its errors. */
  private enum End {
    SUCCESS("Succeeded", "success"),
    FAILURE("Failed", "failed");

    private final String type;
    private final String name;

    End(String type, String name) {
      this.type = type;
      this.name = name;
    }
  }

  private static boolean is(ObjectNode migration, String type) {
    return ConditionRules.holds(migration, type);
  }

  private static void refuse(JsonNode conditions, String why, List<FieldError> errors) {
    errors.add(FieldError.invalid(CONDITIONS, conditions, why));
  }
}
