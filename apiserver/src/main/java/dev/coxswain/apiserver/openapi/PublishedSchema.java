package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Adds to a custom resource's shape what every object has: its type and its metadata. */
final class PublishedSchema {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

  private final Schema any;

  /** Takes the words from a built-in kind, which has the same fields. */
  PublishedSchema(BuiltinSchemas schemas) {
    this.any = schemas.kind("", "v1", "ConfigMap");
  }

  /** What the field of every object means. */
  String description(String field) {
    Schema schema = any.property(field);
    return schema == null ? "" : schema.description();
  }

  /** Completes a whole object. */
  void root(ObjectNode schema, Dialect dialect) {
    ObjectNode properties = Json.ensureObject(schema, "properties");
    properties.set("apiVersion", text("apiVersion"));
    properties.set("kind", text("kind"));
    ObjectNode metadata = Json.object().put("description", description("metadata"));
    String reference = dialect.reference(META + "ObjectMeta");
    switch (dialect) {
      case Swagger _ -> metadata.put("$ref", reference);
      case VersionThree _ -> metadata.putArray("allOf").addObject().put("$ref", reference);
    }
    properties.set("metadata", metadata);
  }

  private ObjectNode text(String field) {
    return Json.object().put("description", description(field)).put("type", "string");
  }

  /** Completes the objects that are embedded in this one, at any depth. */
  void embedded(ObjectNode schema, Dialect dialect) {
    for (JsonNode property : schema.path("properties")) {
      child(property, dialect);
    }
    child(schema.path("items"), dialect);
    child(schema.path("additionalProperties"), dialect);
  }

  private void child(JsonNode node, Dialect dialect) {
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    embedded(schema, dialect);
    boolean open = Json.flag(schema, "x-kubernetes-preserve-unknown-fields");
    if (!Json.flag(schema, "x-kubernetes-embedded-resource")
        || (open && dialect instanceof Swagger)) {
      return;
    }
    root(schema, dialect);
    ArrayNode required = schema.get("required") instanceof ArrayNode given ? given : null;
    if (required == null) {
      required = schema.putArray("required");
    }
    for (String field : new String[] {"kind", "apiVersion"}) {
      if (required.valueStream().noneMatch(name -> name.asString("").equals(field))) {
        required.add(field);
      }
    }
  }
}
