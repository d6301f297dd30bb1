package dev.coxswain.apiserver.kinds.network;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** References to objects of any kind, of which only the form is known. */
final class Parameters {
  private Parameters() {}

  static void check(JsonNode reference, String path, List<FieldError> errors) {
    JsonNode group = reference.path("apiGroup");
    if (group.isString()) {
      Checks.form(Names.subdomain(group.asString()), path + ".apiGroup", group.asString(), errors);
    }
    for (String field : List.of("kind", "name")) {
      if (Json.text(reference, field).isEmpty()) {
        errors.add(FieldError.required(path + "." + field, ""));
      } else {
        Checks.pathSegment(reference, field, path, errors);
      }
    }
  }
}
