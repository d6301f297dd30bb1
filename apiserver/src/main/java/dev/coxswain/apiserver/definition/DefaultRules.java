package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.structural.EmbeddedResources;
import dev.coxswain.apiserver.structural.ListKeys;
import dev.coxswain.apiserver.structural.SchemaValidator;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A default must itself be what the schema asks for. */
final class DefaultRules {
  private DefaultRules() {}

  static void check(JsonNode node, String path, List<FieldError> errors) {
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    if (Json.has(schema, "default")) {
      value(schema, path + ".default", errors);
    }
    check(schema.path("items"), path + ".items", errors);
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      check(property.getValue(), path + ".properties[" + property.getKey() + "]", errors);
    }
  }

  private static void value(ObjectNode source, String path, List<FieldError> errors) {
    JsonNode value = source.path("default");
    StructuralSchema schema = StructuralSchema.part(source);
    if (hasUnknown(value, schema)) {
      errors.add(FieldError.invalid(path, value, "must not have unknown fields"));
    }
    List<FieldError> found = new ArrayList<>();
    EmbeddedResources.check(schema, value, path, found);
    found.addAll(new SchemaValidator(schema).validate(path, value, null));
    ListKeys.check(schema, value, path, found);
    errors.addAll(found);
  }

  private static boolean hasUnknown(JsonNode value, StructuralSchema schema) {
    if (value instanceof ObjectNode object) {
      if (schema.values() != null && schema.additional() == null) {
        return false;
      }
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        StructuralSchema child = schema.field(entry.getKey());
        boolean identity =
            schema.embedded() && List.of("apiVersion", "kind", "metadata").contains(entry.getKey());
        if (child == null
            ? !identity && !schema.preservesUnknown()
            : hasUnknown(entry.getValue(), child)) {
          return true;
        }
      }
    } else if (value.isArray() && schema.items() != null) {
      for (JsonNode element : value) {
        if (hasUnknown(element, schema.items())) {
          return true;
        }
      }
    }
    return false;
  }
}
