package dev.coxswain.apiserver.structural;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks that objects within objects say what they are. */
public final class EmbeddedResources {
  private EmbeddedResources() {}

  /** Adds what is wrong with the embedded resources at and below a value. */
  public static void check(
      StructuralSchema schema, JsonNode value, String path, List<FieldError> errors) {
    if (value instanceof ObjectNode object) {
      if (schema.embedded()) {
        identity(object, path, errors);
      }
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        String name = entry.getKey();
        StructuralSchema child = schema.properties().get(name);
        if (child != null) {
          check(child, entry.getValue(), SchemaValidator.join(path, name), errors);
        } else if (schema.additional() != null) {
          check(schema.additional(), entry.getValue(), path + "[" + name + "]", errors);
        }
      }
    } else if (value.isArray() && schema.items() != null) {
      int index = 0;
      for (JsonNode element : value) {
        check(schema.items(), element, path + "[" + index++ + "]", errors);
      }
    }
  }

  private static void identity(ObjectNode object, String path, List<FieldError> errors) {
    for (String field : List.of("apiVersion", "kind")) {
      String place = SchemaValidator.join(path, field);
      JsonNode value = object.get(field);
      if (value == null) {
        errors.add(FieldError.required(place, ""));
      } else if (!value.isString()) {
        errors.add(FieldError.invalid(place, value, "must be a string"));
      } else if (value.asString().isEmpty()) {
        errors.add(FieldError.invalid(place, "", "must not be empty"));
      }
    }
    String apiVersion = Json.text(object, "apiVersion");
    if (apiVersion.chars().filter(c -> c == '/').count() > 1) {
      errors.add(
          FieldError.invalid(
              SchemaValidator.join(path, "apiVersion"),
              apiVersion,
              "unexpected GroupVersion string: " + apiVersion));
    }
    String kind = Json.text(object, "kind");
    if (!kind.isEmpty()) {
      Names.label1035(kind.toLowerCase(Locale.ROOT))
          .ifPresent(problem ->
              errors.add(
                  FieldError.invalid(
                      SchemaValidator.join(path, "kind"),
                      kind,
                      "may have mixed case, but should otherwise match: " + problem)));
    }
  }
}
