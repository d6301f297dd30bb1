package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What volumes and the claims on them have in common: each begins as pending, and both say of what
 * class, how large and for how many they are. Which modes there are stands in the schema.
 */
abstract class BindableStrategy extends StandardStrategy {
  static final String SPEC = "spec";
  private static final String MODE = "volumeMode";
  private static final String ALONE = "ReadWriteOncePod";

  BindableStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    object.putObject("status").put("phase", "Pending");
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    Defaults.text(Json.ensureObject(object, SPEC), MODE, "Filesystem");
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(Json.at(object, SPEC, MODE), Json.at(old, SPEC, MODE), MODE, errors);
  }

  /** How many may use it at once; {@code missing} is said where nothing is. */
  static void accessModes(JsonNode spec, String missing, List<FieldError> errors) {
    JsonNode modes = spec.path("accessModes");
    if (modes.isEmpty()) {
      errors.add(FieldError.required("spec.accessModes", missing));
    }
    if (modes.size() > 1 && modes.valueStream().anyMatch(mode -> ALONE.equals(mode.asString("")))) {
      errors.add(
          FieldError.forbidden(
              "spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
    }
  }

  /** A quantity, where it is given, must be of something. */
  static void positive(JsonNode quantity, String path, List<FieldError> errors) {
    if (quantity.isString() && Quantity.parse(quantity.asString()).signum() <= 0) {
      errors.add(FieldError.invalid(path, quantity, "must be greater than zero"));
    }
  }

  /** The class, where it is given. */
  static void className(JsonNode spec, List<FieldError> errors) {
    String name = spec.path("storageClassName").asString("");
    if (!name.isEmpty()) {
      Checks.form(Names.subdomain(name), "spec.storageClassName", name, errors);
    }
  }
}
