package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the definitions that a document needs, and no others. */
final class DefinitionWriter {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

  private final JsonGenerator out;
  private final BuiltinSchemas schemas;
  private final DefinitionNames names;
  private final Dialect dialect;
  private final PublishedSchema identity;
  private final Set<String> seen = new HashSet<>();
  private final Deque<String> pending = new ArrayDeque<>();

  DefinitionWriter(
      JsonGenerator out, BuiltinSchemas schemas, DefinitionNames names, Dialect dialect) {
    this.out = out;
    this.schemas = schemas;
    this.names = names;
    this.dialect = dialect;
    this.identity = new PublishedSchema(schemas);
  }

  /** Writes them as properties of the open object. */
  void write(List<ResourceType> types, List<String> roots) {
    for (ResourceType type : types) {
      if (DefinitionNames.isBuiltin(schemas, type)) {
        need(names.of(type));
        need(names.listOf(type));
      } else {
        custom(type);
      }
    }
    roots.forEach(this::need);
    while (!pending.isEmpty()) {
      String name = pending.poll();
      Schema schema = schemas.definition(name).orElseThrow();
      out.writeName(name);
      definition(name, schema);
    }
  }

  private void need(String name) {
    if (names.exists(name) && seen.add(name)) {
      pending.add(name);
    }
  }

  private void definition(String name, Schema schema) {
    out.writeStartObject();
    description(schema);
    structure(schema, name);
    names.kind(name).ifPresent(this::kind);
    if (name.equals(META + "DeleteOptions")) {
      kind(new GroupVersionKind("", "v1", "DeleteOptions"));
    } else if (name.equals(META + "Status")) {
      kind(new GroupVersionKind("", "v1", "Status"));
    }
    out.writeEndObject();
  }

  /** A kind that was added at run time: its shape stands here, and its metadata elsewhere. */
  private void custom(ResourceType type) {
    need(META + "ObjectMeta");
    out.writeName(names.of(type));
    ObjectNode published =
        type.schema() instanceof StructuralSchema structural
            ? dialect.custom(structural, identity)
            : Json.object().put("type", "object");
    out.writeStartObject();
    for (Map.Entry<String, JsonNode> field : published.properties()) {
      out.writeName(field.getKey());
      out.writeTree(field.getValue());
    }
    kind(type.kind());
    out.writeEndObject();
    customList(type);
  }

  private void customList(ResourceType type) {
    out.writeName(names.listOf(type));
    out.writeStartObject();
    out.writeStringProperty("description", type.listKind() + " is a list of " + type.kind().kind());
    out.writeStringProperty("type", "object");
    out.writeArrayPropertyStart("required");
    out.writeString("items");
    out.writeEndArray();
    out.writeObjectPropertyStart("properties");
    textProperty("apiVersion");
    textProperty("kind");
    need(META + "ListMeta");
    out.writeObjectPropertyStart("metadata");
    out.writeStringProperty("description", "The list's metadata.");
    dialect.referenceBeside(out, META + "ListMeta");
    out.writeEndObject();
    out.writeObjectPropertyStart("items");
    out.writeStringProperty("type", "array");
    out.writeObjectPropertyStart("items");
    out.writeStringProperty("$ref", dialect.reference(names.of(type)));
    out.writeEndObject();
    out.writeEndObject();
    out.writeEndObject();
    kind(new GroupVersionKind(type.kind().group(), type.kind().version(), type.listKind()));
    out.writeEndObject();
  }

  private void textProperty(String name) {
    out.writeObjectPropertyStart(name);
    out.writeStringProperty("description", identity.description(name));
    out.writeStringProperty("type", "string");
    out.writeEndObject();
  }

  private void node(Schema schema) {
    Optional<String> definition = BuiltinSchemas.reference(schema);
    String description = schema.description();
    out.writeStartObject();
    if (definition.isPresent()) {
      need(definition.get());
      boolean bare = description.isEmpty() && extensions(schema) == 0;
      if (bare) {
        out.writeStringProperty("$ref", dialect.reference(definition.get()));
      } else {
        description(schema);
        dialect.referenceBeside(out, definition.get());
        patch(schema);
      }
    } else {
      description(schema);
      structure(schema, "");
    }
    out.writeEndObject();
  }

  private static int extensions(Schema schema) {
    return (schema.patchMerges() || schema.patchRetainsKeys() ? 1 : 0)
        + (schema.patchMergeKey().isEmpty() ? 0 : 1);
  }

  private void description(Schema schema) {
    String text = schema.description();
    if (!text.isEmpty()) {
      out.writeStringProperty("description", text);
    }
  }

  private void structure(Schema schema, String definition) {
    switch (schema.type()) {
      case ANY -> {
        // A definition of any object; elsewhere nothing is said, and anything goes.
        if (definition.isEmpty()) {
          out.writeBooleanProperty("x-kubernetes-preserve-unknown-fields", true);
        } else if (!definition.contains("JSON")) {
          out.writeStringProperty("type", "object");
        }
      }
      case OBJECT -> object(schema);
      case ARRAY -> array(schema);
      case STRING -> {
        out.writeStringProperty("type", "string");
        format(schema);
        if (!schema.enumValues().isEmpty()) {
          out.writeArrayPropertyStart("enum");
          schema.enumValues().forEach(out::writeString);
          out.writeEndArray();
        }
      }
      case INTEGER -> {
        out.writeStringProperty("type", "integer");
        format(schema);
      }
      case NUMBER -> {
        out.writeStringProperty("type", "number");
        format(schema);
      }
      case BOOLEAN -> out.writeStringProperty("type", "boolean");
      case INT_OR_STRING -> dialect.intOrString(out);
      case QUANTITY -> dialect.quantity(out);
    }
    patch(schema);
  }

  private void format(Schema schema) {
    String format = schema.format();
    if (!format.isEmpty()) {
      out.writeStringProperty("format", format.equals("date-time-micro") ? "date-time" : format);
    }
  }

  private void object(Schema schema) {
    out.writeStringProperty("type", "object");
    required(schema);
    List<String> properties = schema.propertyNames();
    if (!properties.isEmpty()) {
      out.writeObjectPropertyStart("properties");
      for (String property : properties) {
        child(property, schema.property(property));
      }
      out.writeEndObject();
    }
    child("additionalProperties", schema.values());
    if (schema.atomicMap()) {
      out.writeStringProperty("x-kubernetes-map-type", "atomic");
    }
    if (schema.preservesUnknown()) {
      out.writeBooleanProperty("x-kubernetes-preserve-unknown-fields", true);
    }
  }

  private void required(Schema schema) {
    if (!schema.required().isEmpty()) {
      out.writeArrayPropertyStart("required");
      schema.required().forEach(out::writeString);
      out.writeEndArray();
    }
  }

  private void child(String name, @Nullable Schema schema) {
    if (schema != null) {
      out.writeName(name);
      node(schema);
    }
  }

  private void array(Schema schema) {
    out.writeStringProperty("type", "array");
    child("items", schema.items());
    switch (schema.listType()) {
      case ATOMIC -> out.writeStringProperty("x-kubernetes-list-type", "atomic");
      case SET -> out.writeStringProperty("x-kubernetes-list-type", "set");
      case MAP -> {
        out.writeStringProperty("x-kubernetes-list-type", "map");
        out.writeArrayPropertyStart("x-kubernetes-list-map-keys");
        schema.listMapKeys().forEach(out::writeString);
        out.writeEndArray();
      }
    }
  }

  private void patch(Schema schema) {
    if (!schema.patchMergeKey().isEmpty()) {
      out.writeStringProperty("x-kubernetes-patch-merge-key", schema.patchMergeKey());
    }
    if (schema.patchMerges() && schema.patchRetainsKeys()) {
      out.writeStringProperty("x-kubernetes-patch-strategy", "merge,retainKeys");
    } else if (schema.patchMerges()) {
      out.writeStringProperty("x-kubernetes-patch-strategy", "merge");
    } else if (schema.patchRetainsKeys()) {
      out.writeStringProperty("x-kubernetes-patch-strategy", "retainKeys");
    }
  }

  private void kind(GroupVersionKind kind) {
    out.writeArrayPropertyStart("x-kubernetes-group-version-kind");
    writeKind(out, kind);
    out.writeEndArray();
  }

  static void writeKind(JsonGenerator out, GroupVersionKind kind) {
    out.writeStartObject();
    out.writeStringProperty("group", kind.group());
    out.writeStringProperty("kind", kind.kind());
    out.writeStringProperty("version", kind.version());
    out.writeEndObject();
  }
}
