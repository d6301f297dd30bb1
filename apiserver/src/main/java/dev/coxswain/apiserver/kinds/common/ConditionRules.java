package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What all conditions in a status must be. The texts are upstream's. */
public final class ConditionRules {
  private static final Set<String> STATUSES = Set.of("False", "True", "Unknown");
  private static final Pattern REASON = Pattern.compile("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?");
  private static final int LONGEST_REASON = 1024;
  private static final int LONGEST_MESSAGE = 32768;

  private ConditionRules() {}

  /** Checks a list of conditions. */
  public static void check(JsonNode conditions, String path, List<FieldError> errors) {
    Set<String> types = new HashSet<>();
    int index = 0;
    for (JsonNode condition : conditions) {
      String place = path + "[" + index++ + "]";
      String type = Json.text(condition, "type");
      if (!types.add(type)) {
        errors.add(FieldError.duplicate(place + ".type", type));
      }
      check(condition, type, place, errors);
    }
  }

  /** Whether a status has a condition of a type that is true. */
  public static boolean holds(JsonNode object, String type) {
    for (JsonNode condition : Json.at(object, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }

  private static void check(JsonNode condition, String type, String path, List<FieldError> errors) {
    if (type.isEmpty()) {
      errors.add(FieldError.required(path + ".type", ""));
    } else {
      Checks.form(Names.qualifiedName(type), path + ".type", type, errors);
    }
    Checks.oneOf(condition, "status", STATUSES, path, errors);
    Checks.nonNegative(condition, "observedGeneration", path, errors);
    if (Json.text(condition, "lastTransitionTime").isEmpty()) {
      errors.add(FieldError.required(path + ".lastTransitionTime", "must be set"));
    }
    String reason = Json.text(condition, "reason");
    if (reason.isEmpty()) {
      errors.add(FieldError.required(path + ".reason", ""));
    } else if (reason.length() > LONGEST_REASON) {
      errors.add(FieldError.tooLong(path + ".reason", LONGEST_REASON));
    } else if (!REASON.matcher(reason).matches()) {
      errors.add(
          FieldError.invalid(
              path + ".reason",
              reason,
              "a condition reason must start with alphabetic character, optionally followed by a"
                  + " string of alphanumeric characters or '_,:', and must end with an"
                  + " alphanumeric character or '_'"));
    }
    if (Json.text(condition, "message").length() > LONGEST_MESSAGE) {
      errors.add(FieldError.tooLong(path + ".message", LONGEST_MESSAGE));
    }
  }
}
