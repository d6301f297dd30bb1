package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * How many may use a volume at once, as volumes offer it and claims ask for it; which modes there
 * are stands in the schema.
 */
final class AccessModes {
  private static final String ALONE = "ReadWriteOncePod";

  private AccessModes() {}

  /** Adds what is wrong with them; {@code missing} is said where there is none. */
  static void check(JsonNode spec, String missing, List<FieldError> errors) {
    JsonNode modes = spec.path("accessModes");
    if (modes.isEmpty()) {
      errors.add(FieldError.required("spec.accessModes", missing));
    }
    boolean alone = false;
    for (JsonNode mode : modes) {
      alone |= mode.asString("").equals(ALONE);
    }
    if (alone && modes.size() > 1) {
      errors.add(
          FieldError.forbidden(
              "spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
    }
  }
}
