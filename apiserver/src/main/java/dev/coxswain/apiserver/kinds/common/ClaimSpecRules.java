package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What is wrong with what is claimed of storage, by a claim or by a pod that has a claim of its
 * own, and with what of that is said of volumes, too. The texts are upstream's.
 */
public final class ClaimSpecRules {
  private static final String ALONE = "ReadWriteOncePod";

  private ClaimSpecRules() {}

  /** Checks a claim's specification. */
  public static void check(JsonNode spec, String path, List<FieldError> errors) {
    accessModes(spec, "at least 1 access mode is required", path, errors);
    Checks.selector(spec.path("selector"), path + ".selector", errors);
    JsonNode size = Json.at(spec, "resources", "requests", "storage");
    if (!size.isString() || size.asString().isEmpty()) {
      errors.add(FieldError.required(path + ".resources[storage]", ""));
    }
    positive(size, path + ".resources[storage]", errors);
    className(spec, path, errors);
  }

  /** How many may use it at once; {@code missing} is said where nothing is. */
  public static void accessModes(
      JsonNode spec, String missing, String path, List<FieldError> errors) {
    JsonNode modes = spec.path("accessModes");
    if (modes.isEmpty()) {
      errors.add(FieldError.required(path + ".accessModes", missing));
    }
    if (modes.valueStream().anyMatch(mode -> ALONE.equals(mode.asString("")))
        && modes.valueStream().anyMatch(mode -> !ALONE.equals(mode.asString("")))) {
      errors.add(
          FieldError.forbidden(
              path + ".accessModes", "may not use ReadWriteOncePod with other access modes"));
    }
  }

  /** A quantity, where it is given, must be of something. */
  public static void positive(JsonNode quantity, String path, List<FieldError> errors) {
    if (quantity.isString() && Quantity.parse(quantity.asString()).signum() <= 0) {
      errors.add(FieldError.invalid(path, quantity, "must be greater than zero"));
    }
  }

  /** The class, where it is given. */
  public static void className(JsonNode spec, String path, List<FieldError> errors) {
    String name = spec.path("storageClassName").asString("");
    if (!name.isEmpty()) {
      Checks.form(Names.subdomain(name), path + ".storageClassName", name, errors);
    }
  }
}
