package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * OpenAPI 2.0. It cannot say that a value is one of several types, and its oldest readers refuse
 * what they do not expect below a value whose unknown properties are kept: of a custom resource's
 * shape only what they understand is told.
 */
final class Swagger implements Dialect {
  private static final List<String> UNKNOWN_TO_IT = List.of("allOf", "anyOf", "oneOf", "not");

  @Override
  public String reference(String definition) {
    return "#/definitions/" + definition;
  }

  @Override
  public void referenceBeside(JsonGenerator out, String definition) {
    out.writeStringProperty("$ref", reference(definition));
  }

  @Override
  public void intOrString(JsonGenerator out) {
    out.writeStringProperty("type", "string");
    out.writeStringProperty("format", "int-or-string");
  }

  @Override
  public void quantity(JsonGenerator out) {
    out.writeStringProperty("type", "string");
  }

  @Override
  public void parameter(JsonGenerator out, Parameter parameter) {
    out.writeStartObject();
    parameter.write(out);
    out.writeStringProperty("type", parameter.type());
    out.writeBooleanProperty("uniqueItems", true);
    out.writeEndObject();
  }

  @Override
  public void content(JsonGenerator out, Operation operation) {
    mediaTypes(out, "consumes", operation.body());
    mediaTypes(out, "produces", operation.answer());
    out.writeArrayPropertyStart("schemes");
    out.writeString("https");
    out.writeEndArray();
    boolean body = operation.body().present();
    if (body || !operation.parameters().isEmpty()) {
      out.writeArrayPropertyStart("parameters");
      if (body) {
        body(out, operation);
      }
      operation.parameters().forEach(parameter -> parameter(out, parameter));
      out.writeEndArray();
    }
    operation.writeResponses(out, answer -> schema(out, answer));
  }

  private static void mediaTypes(JsonGenerator out, String name, Operation.Content content) {
    out.writeArrayPropertyStart(name);
    if (content.present()) {
      content.mediaTypes().forEach(out::writeString);
    } else {
      out.writeString("*/*");
    }
    out.writeEndArray();
  }

  private void body(JsonGenerator out, Operation operation) {
    out.writeStartObject();
    out.writeStringProperty("name", "body");
    out.writeStringProperty("in", "body");
    if (!operation.method().equals("delete")) {
      out.writeBooleanProperty("required", true);
    }
    schema(out, operation.body());
    out.writeEndObject();
  }

  private void schema(JsonGenerator out, Operation.Content content) {
    out.writeObjectPropertyStart("schema");
    if (content.known()) {
      out.writeStringProperty("$ref", reference(content.definition()));
    } else {
      out.writeStringProperty("type", "object");
    }
    out.writeEndObject();
  }

  @Override
  public ObjectNode custom(StructuralSchema schema, PublishedSchema identity) {
    if (schema.preservesUnknown()) {
      // Not even the identity stands here, or nothing else would be allowed beside it.
      return Json.object().put("type", "object");
    }
    ObjectNode published = schema.source().deepCopy();
    simplify(published);
    identity.embedded(published, this);
    identity.root(published, this);
    return published;
  }

  /** Takes out what this version cannot say, here and below. */
  private static void simplify(ObjectNode schema) {
    schema.remove(UNKNOWN_TO_IT);
    boolean preserves = Json.flag(schema, "x-kubernetes-preserve-unknown-fields");
    boolean nullable = Json.flag(schema, "nullable");
    schema.remove("nullable");
    if (nullable || preserves) {
      schema.remove(List.of("items", "properties"));
    }
    String type = Json.text(schema, "type");
    boolean listOfAnything = type.equals("array") && !schema.has("items");
    if (nullable || listOfAnything || (preserves && type.equals("object"))) {
      schema.remove("type");
    }
    JsonNode properties = schema.path("properties");
    JsonNode values = schema.path("additionalProperties");
    if (Json.flag(values, "nullable")) {
      schema.remove("required");
    } else if (schema.get("required") instanceof ArrayNode required) {
      required.removeIf(name -> Json.flag(properties, name.asString(""), "nullable"));
      if (required.isEmpty()) {
        schema.remove("required");
      }
    }
    for (JsonNode property : properties) {
      child(property);
    }
    child(values);
    child(schema.path("items"));
  }

  private static void child(JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      simplify(object);
    }
  }
}
