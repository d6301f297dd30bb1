package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.rules.SchemaRuleSet;
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

  /** Looks at one default. */
  @FunctionalInterface
  private interface Look {
    void at(ObjectNode schema, String path);
  }

  /** Adds what is wrong with the defaults of a structural schema. */
  static void check(JsonNode node, String path, List<FieldError> errors) {
    each(node, path, (schema, place) -> value(schema, place, errors));
  }

  /** Adds which rules the defaults of a schema break that is sound otherwise. */
  static void checkRules(JsonNode node, String path, List<FieldError> errors) {
    SchemaRuleSet.Defaults defaults = new SchemaRuleSet.Defaults();
    each(
        node,
        path,
        (schema, place) ->
            defaults.check(StructuralSchema.part(schema), schema.path("default"), place));
    errors.addAll(defaults.errors());
  }

  private static void each(JsonNode node, String path, Look look) {
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    if (Json.has(schema, "default")) {
      look.at(schema, path + ".default");
    }
    each(schema.path("items"), path + ".items", look);
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      each(property.getValue(), path + ".properties[" + property.getKey() + "]", look);
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
