package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with the schema of a version: what it may use, and where. */
final class SchemaDefinitionRules {
  private static final String OBJECT = "object";
  private static final Set<String> TYPES =
      Set.of("array", "boolean", "integer", "number", OBJECT, "string");
  private static final List<String> AT_ROOT =
      List.of(
          "Description",
          "Type",
          "Format",
          "Title",
          "Maximum",
          "ExclusiveMaximum",
          "Minimum",
          "ExclusiveMinimum",
          "MaxLength",
          "MinLength",
          "Pattern",
          "MaxItems",
          "MinItems",
          "UniqueItems",
          "MultipleOf",
          "Required",
          "Items",
          "Properties",
          "ExternalDocs",
          "Example",
          "XPreserveUnknownFields",
          "XValidations");
  private static final List<String> NOT_AT_ROOT =
      List.of(
          "default",
          "enum",
          "maxProperties",
          "minProperties",
          "allOf",
          "oneOf",
          "anyOf",
          "not",
          "additionalProperties");
  private static final List<String> JUNCTORS = List.of("allOf", "oneOf", "anyOf");

  private final ObjectNode schema;
  private final String outer;
  private final boolean status;
  private final List<FieldError> errors;

  /**
   * Rules for one schema.
   *
   * @param outer the path of what holds it
   * @param status whether the status is kept apart
   * @param errors where what is wrong is added
   */
  SchemaDefinitionRules(ObjectNode schema, String outer, boolean status, List<FieldError> errors) {
    this.schema = schema;
    this.outer = outer;
    this.status = status;
    this.errors = errors;
  }

  void check() {
    String path = outer + ".openAPIV3Schema";
    int before = errors.size();
    root(path);
    StructuralRules structural = new StructuralRules();
    structural.check(schema, path);
    if (!structural.errors().isEmpty()) {
      errors.addAll(structural.errors());
    } else {
      DefaultRules.check(schema, path, errors);
    }
    check(schema, path, new Place(true, false, ""));
    if (errors.size() == before) {
      RuleDefinitions.check(schema, path, errors);
    }
    if (errors.size() == before) {
      DefaultRules.checkRules(schema, path, errors);
    }
  }

  private void root(String path) {
    if (status) {
      String type = Json.text(schema, "type");
      if (!type.equals(OBJECT)) {
        errors.add(
            FieldError.invalid(
                path + ".type",
                type,
                "only \"object\" is allowed as the type at the root of the schema if the status"
                    + " subresource is enabled"));
      }
      if (NOT_AT_ROOT.stream().anyMatch(schema::has)) {
        errors.add(
            FieldError.invalid(
                path,
                schema,
                "only ["
                    + String.join(" ", AT_ROOT)
                    + "] fields are allowed at the root of the schema if the status subresource"
                    + " is enabled"));
      }
    }
    if (Json.flag(schema, "nullable")) {
      errors.add(FieldError.forbidden(path + ".nullable", "nullable cannot be true at the root"));
    }
  }

  /**
   * Where a schema stands.
   *
   * @param root whether it is the whole object's
   * @param identity whether it is within a resource's apiVersion, kind or metadata
   * @param noDefaults why defaults are forbidden; empty where they are not
   */
  private record Place(boolean root, boolean identity, String noDefaults) {
    Place below() {
      return new Place(false, identity, noDefaults);
    }
  }

  private void check(JsonNode node, String path, Place place) {
    if (!(node instanceof ObjectNode here)) {
      return;
    }
    unsupported(here, path, place);
    JsonNode more = here.path("additionalProperties");
    if (more.isObject() || more.isBoolean()) {
      boolean closed = more.isObject() || !more.asBoolean();
      if (!here.path("properties").isEmpty() && closed) {
        errors.add(
            FieldError.forbidden(
                path + ".additionalProperties",
                "additionalProperties and properties are mutual exclusive"));
      }
      String reason =
          place.identity
              ? "inside additionalProperties applying to object metadata"
              : place.noDefaults;
      check(more, path + ".additionalProperties", new Place(false, place.identity, reason));
    }
    boolean resource = place.root || Json.flag(here, "x-kubernetes-embedded-resource");
    for (Map.Entry<String, JsonNode> property : here.path("properties").properties()) {
      String name = property.getKey();
      boolean identity = resource && Set.of("metadata", "kind", "apiVersion").contains(name);
      Place child = place.below();
      if (identity) {
        String reason = place.root ? "in top-level " + name : place.noDefaults;
        child = new Place(false, true, reason);
      }
      check(property.getValue(), path + ".properties[" + name + "]", child);
    }
    check(here.path("not"), path + ".not", place.below());
    for (String junctor : JUNCTORS) {
      int index = 0;
      for (JsonNode one : here.path(junctor)) {
        check(one, path + "." + junctor + "[" + index++ + "]", place.below());
      }
    }
    check(here.path("items"), path + ".items", place.below());
    collections(here, path);
  }

  private void unsupported(ObjectNode here, String path, Place place) {
    String type = Json.text(here, "type");
    if (type.equals("null")) {
      errors.add(
          FieldError.forbidden(
              path + ".type", "type cannot be set to null, use nullable as an alternative"));
    }
    if (!type.isEmpty() && !TYPES.contains(type)) {
      errors.add(FieldError.notSupported(path + ".type", type, TYPES));
    }
    if (Json.has(here, "default") && !place.noDefaults.isEmpty()) {
      errors.add(FieldError.forbidden(path + ".default", "must not be set " + place.noDefaults));
    }
    for (String field :
        List.of(
            "id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")) {
      if (Json.has(here, field)) {
        errors.add(FieldError.forbidden(path + "." + field, field + " is not supported"));
      }
    }
    if (here.path("items").isArray()) {
      errors.add(
          FieldError.forbidden(path + ".items", "items must be a schema object and not an array"));
    }
    if (place.identity && Json.flag(here, "x-kubernetes-embedded-resource")) {
      errors.add(
          FieldError.forbidden(
              path + ".x-kubernetes-embedded-resource",
              "must not be used inside of resource meta"));
    }
    if (Json.flag(here, "uniqueItems")) {
      errors.add(
          FieldError.forbidden(
              path + ".uniqueItems",
              "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
    }
    JsonNode preserves = here.path("x-kubernetes-preserve-unknown-fields");
    if (preserves.isBoolean() && !preserves.asBoolean()) {
      errors.add(
          FieldError.invalid(
              path + ".x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
    }
  }

  private void collections(ObjectNode here, String path) {
    String type = Json.text(here, "type");
    String mapType = Json.text(here, "x-kubernetes-map-type");
    if (!mapType.isEmpty()) {
      typed(type, OBJECT, "x-kubernetes-map-type", path);
      if (!Set.of("atomic", "granular").contains(mapType)) {
        errors.add(
            FieldError.notSupported(
                path + ".x-kubernetes-map-type", mapType, List.of("atomic", "granular")));
      }
    }
    String listType = Json.text(here, "x-kubernetes-list-type");
    if (!listType.isEmpty()) {
      typed(type, "array", "x-kubernetes-list-type", path);
      if (!Set.of("atomic", "set", "map").contains(listType)) {
        errors.add(
            FieldError.notSupported(
                path + ".x-kubernetes-list-type", listType, List.of("atomic", "set", "map")));
      }
      if (listType.equals("set") && type.equals("array")) {
        set(here.path("items"), path + ".items");
      }
    }
    JsonNode keys = here.path("x-kubernetes-list-map-keys");
    if (!keys.isEmpty() && !listType.equals("map")) {
      String place = path + ".x-kubernetes-list-type";
      String problem = "must be map if x-kubernetes-list-map-keys is non-empty";
      errors.add(
          listType.isEmpty()
              ? FieldError.required(place, problem)
              : FieldError.invalid(place, listType, problem));
    }
    if (listType.equals("map")) {
      keyed(here.path("items"), keys, path);
    }
    boolean elements = listType.equals("map") || listType.equals("set");
    if (elements && Json.flag(here, "items", "nullable")) {
      errors.add(
          FieldError.forbidden(
              path + ".items.nullable",
              "cannot be nullable when x-kubernetes-list-type is " + listType));
    }
  }

  private void typed(String type, String wanted, String extension, String path) {
    if (!type.equals(wanted)) {
      String problem = "must be " + wanted + " if " + extension + " is specified";
      errors.add(
          type.isEmpty()
              ? FieldError.required(path + ".type", problem)
              : FieldError.invalid(path + ".type", type, problem));
    }
  }

  private void set(JsonNode items, String path) {
    String problem = "must be atomic as item of a list with x-kubernetes-list-type=set";
    String type = Json.text(items, "type");
    String listType = Json.text(items, "x-kubernetes-list-type");
    if (type.equals("array") && !listType.isEmpty() && !listType.equals("atomic")) {
      errors.add(FieldError.invalid(path + ".x-kubernetes-list-type", listType, problem));
    }
    if (type.equals(OBJECT) && !Json.text(items, "x-kubernetes-map-type").equals("atomic")) {
      errors.add(
          FieldError.invalid(
              path + ".x-kubernetes-map-type", Json.text(items, "x-kubernetes-map-type"), problem));
    }
  }

  private void keyed(JsonNode items, JsonNode keys, String path) {
    if (keys.isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".x-kubernetes-list-map-keys",
              "must not be empty if x-kubernetes-list-type is map"));
    }
    if (items.isMissingNode()) {
      errors.add(
          FieldError.required(
              path + ".items", "must have a schema if x-kubernetes-list-type is map"));
      return;
    }
    String type = Json.text(items, "type");
    if (!type.equals(OBJECT)) {
      errors.add(
          FieldError.invalid(
              path + ".items.type",
              type,
              "must be object if parent array's x-kubernetes-list-type is map"));
      return;
    }
    List<String> required = new ArrayList<>();
    items.path("required").forEach(name -> required.add(name.asString("")));
    Set<String> seen = new HashSet<>();
    for (JsonNode key : keys) {
      String name = key.asString("");
      JsonNode property = items.path("properties").path(name);
      String place = path + ".items.properties[" + name + "]";
      if (!seen.add(name)) {
        errors.add(
            FieldError.invalid(
                path + ".x-kubernetes-list-map-keys", keys, "must not contain duplicate entries"));
      }
      if (property.isMissingNode()) {
        errors.add(
            FieldError.invalid(
                path + ".x-kubernetes-list-map-keys",
                keys,
                "entries must all be names of item properties"));
        continue;
      }
      if (Set.of("array", OBJECT).contains(Json.text(property, "type"))) {
        errors.add(
            FieldError.invalid(
                place + ".type",
                type,
                "must be a scalar type if parent array's x-kubernetes-list-type is map"));
      }
      if (!required.contains(name) && !Json.has(property, "default")) {
        errors.add(
            FieldError.required(
                place + ".default",
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a"
                    + " required property"));
      }
      if (Json.flag(property, "nullable")) {
        errors.add(
            FieldError.forbidden(
                place + ".nullable",
                "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
      }
    }
  }
}
