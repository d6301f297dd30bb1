package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What a definition's names may be. */
final class NameRules {
  private static final List<String> NEEDED = List.of("plural", "singular", "kind", "listKind");

  private NameRules() {}

  static void required(JsonNode names, String path, List<FieldError> errors) {
    for (String field : NEEDED) {
      if (Json.text(names, field).isEmpty()) {
        errors.add(FieldError.required(path + "." + field, ""));
      }
    }
  }

  static void check(JsonNode names, String path, List<FieldError> errors) {
    lower(Json.text(names, "plural"), path + ".plural", errors);
    lower(Json.text(names, "singular"), path + ".singular", errors);
    mixed(Json.text(names, "kind"), path + ".kind", errors);
    mixed(Json.text(names, "listKind"), path + ".listKind", errors);
    list(names.path("shortNames"), path + ".shortNames", errors);
    String kind = Json.text(names, "kind");
    if (!kind.isEmpty() && kind.equals(Json.text(names, "listKind"))) {
      errors.add(
          FieldError.invalid(path + ".listKind", kind, "kind and listKind may not be the same"));
    }
    list(names.path("categories"), path + ".categories", errors);
  }

  private static void list(JsonNode texts, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode text : texts) {
      String place = path + "[" + index++ + "]";
      Names.label1035(text.asString(""))
          .ifPresent(problem -> errors.add(FieldError.invalid(place, text.asString(""), problem)));
    }
  }

  private static void lower(String text, String path, List<FieldError> errors) {
    if (!text.isEmpty()) {
      Names.label1035(text)
          .ifPresent(problem -> errors.add(FieldError.invalid(path, text, problem)));
    }
  }

  private static void mixed(String text, String path, List<FieldError> errors) {
    if (!text.isEmpty()) {
      Names.label1035(text.toLowerCase(Locale.ROOT))
          .ifPresent(problem ->
              errors.add(
                  FieldError.invalid(
                      path, text, "may have mixed case, but should otherwise match: " + problem)));
    }
  }
}
