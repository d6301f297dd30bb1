package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What volumes and the claims on them have in common: each begins as pending, and both say of what
 * class, how large and for how many they are. Which modes there are stands in the schema.
 */
abstract class BindableStrategy extends StandardStrategy {
  static final String SPEC = "spec";
  private static final String MODE = "volumeMode";

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
}
