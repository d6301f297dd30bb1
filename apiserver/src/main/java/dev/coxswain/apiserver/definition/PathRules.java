package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What a definition may say where it points into its objects by a simple JSON path. */
final class PathRules {
  /** How many fields of a version can be selected by, as upstream. */
  private static final int MOST_SELECTABLE = 8;

  private static final List<String> COLUMN_TYPES =
      List.of("boolean", "date", "integer", "number", "string");
  private static final List<String> COLUMN_FORMATS =
      List.of("byte", "date", "date-time", "double", "float", "int32", "int64", "password");
  private static final Set<String> SELECTABLE = Set.of("string", "boolean", "integer");

  private PathRules() {}

  static void columns(JsonNode columns, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode column : columns) {
      String place = path + "[" + index++ + "]";
      if (Json.text(column, "name").isEmpty()) {
        errors.add(FieldError.required(place + ".name", ""));
      }
      String type = Json.text(column, "type");
      String types = "must be one of " + String.join(",", COLUMN_TYPES);
      if (type.isEmpty()) {
        errors.add(FieldError.required(place + ".type", types));
      } else if (!COLUMN_TYPES.contains(type)) {
        errors.add(FieldError.invalid(place + ".type", type, types));
      }
      String format = Json.text(column, "format");
      if (!format.isEmpty() && !COLUMN_FORMATS.contains(format)) {
        errors.add(
            FieldError.invalid(
                place + ".format", format, "must be one of " + String.join(",", COLUMN_FORMATS)));
      }
      String jsonPath = Json.text(column, "jsonPath");
      if (jsonPath.isEmpty()) {
        errors.add(FieldError.required(place + ".JSONPath", ""));
      } else {
        simple(jsonPath, place + ".JSONPath", errors);
      }
    }
  }

  private static boolean simple(String path, String place, List<FieldError> errors) {
    if (path.startsWith(".")) {
      return true;
    }
    errors.add(FieldError.invalid(place, path, "must be a simple json path starting with ."));
    return false;
  }

  static void replicas(
      JsonNode scale, String path, String field, List<String> starts, List<FieldError> errors) {
    String text = Json.text(scale, field);
    String place = path + "." + field;
    if (text.isEmpty()) {
      errors.add(FieldError.required(place, ""));
    } else if (simple(text, place, errors) && starts.stream().noneMatch(text::startsWith)) {
      String under =
          starts.size() == 1
              ? starts.getFirst().substring(0, starts.getFirst().length() - 1)
              : "either .spec or .status";
      errors.add(FieldError.invalid(place, text, "should be a json path under " + under));
    }
  }

  static void selectableFields(
      JsonNode fields, JsonNode schema, String path, List<FieldError> errors) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode field : fields) {
      String place = path + "[" + index++ + "].jsonPath";
      String text = Json.text(field, "jsonPath");
      if (text.isEmpty()) {
        errors.add(FieldError.required(place, ""));
        continue;
      }
      if (!text.startsWith(".") || text.contains("[")) {
        errors.add(
            FieldError.invalid(
                place, text, "is an invalid path: must be a simple json path starting with ."));
        continue;
      }
      JsonNode found = schema;
      String missing = "";
      for (String step : text.substring(1).split("\\.", -1)) {
        found = found.path("properties").path(step);
        missing = missing.isEmpty() && found.isMissingNode() ? step : missing;
      }
      if (!missing.isEmpty()) {
        errors.add(
            FieldError.invalid(place, text, "is an invalid path: does not refer to a valid field"));
        continue;
      }
      if (text.startsWith(".metadata")) {
        errors.add(FieldError.invalid(place, text, "must not point to fields in metadata"));
      }
      if (!SELECTABLE.contains(Json.text(found, "type"))) {
        errors.add(
            FieldError.invalid(
                place,
                text,
                "must point to a field of type string, boolean or integer. Enum string fields and"
                    + " strings with formats are allowed."));
      }
      if (!seen.add(text)) {
        errors.add(FieldError.duplicate(place, text));
      }
    }
    if (seen.size() > MOST_SELECTABLE) {
      errors.add(FieldError.tooMany(path, seen.size(), MOST_SELECTABLE));
    }
  }
}
