package dev.coxswain.apiserver.definition;

import com.google.re2j.PatternSyntaxException;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.Patterns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A schema is structural when every field's type is said once, outside of allOf, anyOf, oneOf and
 * not, so that pruning and defaulting need to look at one place only.
 */
final class StructuralRules {
  private static final String OBJECT = "object";
  private static final String INT_OR_STRING = "x-kubernetes-int-or-string";
  private static final String PRESERVE = "x-kubernetes-preserve-unknown-fields";
  private static final String EMBEDDED = "x-kubernetes-embedded-resource";
  private static final List<String> JUNCTORS = List.of("anyOf", "allOf", "oneOf");

  private final List<FieldError> errors = new ArrayList<>();

  private enum Level {
    ROOT("must not be empty at the root"),
    ITEM("must not be empty for specified array items"),
    FIELD("must not be empty for specified object fields");

    private final String untyped;

    Level(String untyped) {
      this.untyped = untyped;
    }
  }

  void check(ObjectNode schema, String path) {
    invariants(schema, Level.ROOT, path);
    complete(schema, schema, path, path);
    errors.sort(Comparator.comparing(FieldError::message));
  }

  List<FieldError> errors() {
    return errors;
  }

  private void invariants(ObjectNode here, Level level, String path) {
    String type = Json.text(here, "type");
    if (type.equals("array") && !here.path("items").isObject()) {
      errors.add(FieldError.required(path + ".items", "must be specified"));
    }
    if (here.path("items") instanceof ObjectNode items) {
      invariants(items, Level.ITEM, path + ".items");
    }
    for (Map.Entry<String, JsonNode> property : here.path("properties").properties()) {
      if (property.getValue() instanceof ObjectNode child) {
        invariants(child, Level.FIELD, path + ".properties[" + property.getKey() + "]");
      }
    }
    if (Json.has(here, "additionalProperties")) {
      if (level == Level.ROOT) {
        errors.add(
            FieldError.forbidden(path + ".additionalProperties", "must not be used at the root"));
      }
      if (here.path("additionalProperties") instanceof ObjectNode child) {
        invariants(child, Level.FIELD, path + ".additionalProperties");
      }
    }
    extensions(here, path);
    boolean skipAny = isIntOrString(here.path("anyOf"));
    boolean skipFirst = isIntOrString(here.path("allOf").path(0).path("anyOf"));
    values(here, skipAny, skipFirst, path);
    types(here, level, path);
  }

  private static boolean isIntOrString(JsonNode any) {
    return any.size() == 2
        && any.get(0).size() == 1
        && any.get(1).size() == 1
        && Json.text(any.get(0), "type").equals("integer")
        && Json.text(any.get(1), "type").equals("string");
  }

  private void extensions(ObjectNode here, String path) {
    if (!Json.flag(here, INT_OR_STRING)) {
      return;
    }
    for (String other : List.of(PRESERVE, EMBEDDED)) {
      if (Json.flag(here, other)) {
        errors.add(
            FieldError.invalid(
                path + "." + other, true, "must be false if " + INT_OR_STRING + " is true"));
      }
    }
  }

  private void types(ObjectNode here, Level level, String path) {
    String type = Json.text(here, "type");
    boolean embedded = Json.flag(here, EMBEDDED);
    String place = path + ".type";
    if (embedded && !type.equals(OBJECT)) {
      String problem = "must be object if x-kubernetes-embedded-resource is true";
      errors.add(
          type.isEmpty()
              ? FieldError.required(place, problem)
              : FieldError.invalid(place, type, problem));
    } else if (type.isEmpty() && !Json.flag(here, INT_OR_STRING) && !Json.flag(here, PRESERVE)) {
      errors.add(FieldError.required(place, level.untyped));
    }
    if (embedded && Json.has(here, "additionalProperties")) {
      errors.add(
          FieldError.forbidden(
              path + ".additionalProperties",
              "must not be used if x-kubernetes-embedded-resource is set"));
    }
    if (level == Level.ROOT && !type.isEmpty() && !type.equals(OBJECT)) {
      errors.add(FieldError.invalid(place, type, "must be object at the root"));
    }
    JsonNode properties = here.path("properties");
    if (level == Level.ROOT || embedded) {
      for (String field : List.of("kind", "apiVersion")) {
        if (properties.has(field) && !Json.text(properties.path(field), "type").equals("string")) {
          errors.add(
              FieldError.invalid(
                  path + ".properties[" + field + "].type",
                  Json.text(properties.path(field), "type"),
                  "must be string"));
        }
      }
    }
    if (properties.path("metadata") instanceof ObjectNode metadata) {
      metadata(metadata, level, embedded, path + ".properties[metadata]");
    }
    if (embedded && !Json.flag(here, PRESERVE) && properties.isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".properties",
              "must not be empty if x-kubernetes-embedded-resource is true without"
                  + " x-kubernetes-preserve-unknown-fields"));
    }
  }

  private void metadata(ObjectNode metadata, Level level, boolean embedded, String path) {
    if ((level == Level.ROOT || embedded) && !Json.text(metadata, "type").equals(OBJECT)) {
      errors.add(FieldError.invalid(path + ".type", Json.text(metadata, "type"), "must be object"));
    }
    if (level != Level.ROOT) {
      return;
    }
    ObjectNode rest = metadata.deepCopy();
    Set<String> names = Set.copyOf(metadata.path("properties").propertyNames());
    if (Set.of("name", "generateName").containsAll(names)) {
      rest.remove("properties");
    }
    rest.remove("type");
    rest.remove("default");
    rest.remove("required");
    if (!rest.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              path,
              "must not specify anything other than name and generateName, but metadata is"
                  + " implicitly specified"));
    }
  }

  private void values(ObjectNode here, boolean skipAny, boolean skipFirst, String path) {
    for (String junctor : JUNCTORS) {
      if (junctor.equals("anyOf") && skipAny) {
        continue;
      }
      int index = 0;
      for (JsonNode one : here.path(junctor)) {
        boolean skip = junctor.equals("allOf") && index == 0 && skipFirst;
        nested(one, skip, path + "." + junctor + "[" + index++ + "]");
      }
    }
    nested(here.path("not"), false, path + ".not");
    String pattern = Json.text(here, "pattern");
    try {
      var _ = Patterns.compile(pattern);
    } catch (PatternSyntaxException malformed) {
      errors.add(
          FieldError.invalid(
              path + ".pattern",
              pattern,
              "must be a valid regular expression, but isn't: " + malformed.getMessage()));
    }
  }

  /** Within allOf, anyOf, oneOf and not: values may be restricted, and nothing else. */
  private void nested(JsonNode node, boolean skipAny, String path) {
    if (!(node instanceof ObjectNode here)) {
      return;
    }
    values(here, skipAny, false, path);
    nested(here.path("items"), false, path + ".items");
    for (Map.Entry<String, JsonNode> property : here.path("properties").properties()) {
      nested(property.getValue(), false, path + ".properties[" + property.getKey() + "]");
    }
    empty(here, "type", path);
    undefined(here, "additionalProperties", path);
    undefined(here, "default", path);
    empty(here, "title", path);
    empty(here, "description", path);
    falsehood(here, "nullable", path);
    falsehood(here, PRESERVE, path);
    falsehood(here, EMBEDDED, path);
    falsehood(here, INT_OR_STRING, path);
    empty(here, "x-kubernetes-list-map-keys", path);
    undefined(here, "x-kubernetes-list-type", path);
    undefined(here, "x-kubernetes-map-type", path);
    empty(here, "x-kubernetes-validations", path);
    if (here.path("properties").has("metadata")) {
      errors.add(
          FieldError.forbidden(
              path + ".properties[metadata]", "must not be specified in a nested context"));
    }
  }

  private void empty(ObjectNode here, String field, String path) {
    JsonNode value = here.path(field);
    boolean given = value.isString() ? !value.asString().isEmpty() : !value.isEmpty();
    forbid(given, field, "must be empty to be structural", path);
  }

  private void undefined(ObjectNode here, String field, String path) {
    forbid(Json.has(here, field), field, "must be undefined to be structural", path);
  }

  private void falsehood(ObjectNode here, String field, String path) {
    forbid(Json.flag(here, field), field, "must be false to be structural", path);
  }

  private void forbid(boolean given, String field, String problem, String path) {
    if (given) {
      errors.add(FieldError.forbidden(path + "." + field, problem));
    }
  }

  /** What is restricted in nested contexts must be declared outside of them. */
  private void complete(JsonNode rules, JsonNode structure, String path, String rulesPath) {
    declared(rules.path("not"), structure, path, rulesPath + ".not");
    for (String junctor : JUNCTORS) {
      int index = 0;
      for (JsonNode one : rules.path(junctor)) {
        declared(one, structure, path, rulesPath + "." + junctor + "[" + index++ + "]");
      }
    }
  }

  private void declared(JsonNode rules, JsonNode structure, String path, String rulesPath) {
    if (!rules.isObject()) {
      return;
    }
    if (!structure.isObject()) {
      errors.add(FieldError.required(path, "because it is defined in " + rulesPath));
      return;
    }
    complete(rules, structure, path, rulesPath);
    declared(rules.path("items"), structure.path("items"), path + ".items", rulesPath + ".items");
    for (Map.Entry<String, JsonNode> property : rules.path("properties").properties()) {
      String step = ".properties[" + property.getKey() + "]";
      declared(
          property.getValue(),
          structure.path("properties").path(property.getKey()),
          path + step,
          rulesPath + step);
    }
  }
}
