package dev.coxswain.apiserver.openapi;

import dev.coxswain.apiserver.structural.StructuralSchema;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/** OpenAPI 3.0. */
final class VersionThree implements Dialect {

  @Override
  public String reference(String definition) {
    return "#/components/schemas/" + definition;
  }

  /** What stands beside a {@code $ref} is ignored, so it stands in a list of its own. */
  @Override
  public void referenceBeside(JsonGenerator out, String definition) {
    out.writeArrayPropertyStart("allOf");
    out.writeStartObject();
    out.writeStringProperty("$ref", reference(definition));
    out.writeEndObject();
    out.writeEndArray();
  }

  @Override
  public void intOrString(JsonGenerator out) {
    out.writeStringProperty("format", "int-or-string");
    oneOf(out, "integer", "string");
  }

  @Override
  public void quantity(JsonGenerator out) {
    oneOf(out, "string", "number");
  }

  private static void oneOf(JsonGenerator out, String... types) {
    out.writeArrayPropertyStart("oneOf");
    for (String type : types) {
      out.writeStartObject();
      out.writeStringProperty("type", type);
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  @Override
  public void parameter(JsonGenerator out, Parameter parameter) {
    out.writeStartObject();
    parameter.write(out);
    out.writeObjectPropertyStart("schema");
    out.writeStringProperty("type", parameter.type());
    out.writeBooleanProperty("uniqueItems", true);
    out.writeEndObject();
    out.writeEndObject();
  }

  @Override
  public void content(JsonGenerator out, Operation operation) {
    if (!operation.parameters().isEmpty()) {
      out.writeArrayPropertyStart("parameters");
      operation.parameters().forEach(parameter -> parameter(out, parameter));
      out.writeEndArray();
    }
    if (operation.body().present()) {
      out.writeObjectPropertyStart("requestBody");
      content(out, operation.body());
      out.writeEndObject();
    }
    operation.writeResponses(out, answer -> content(out, answer));
  }

  private void content(JsonGenerator out, Operation.Content content) {
    out.writeObjectPropertyStart("content");
    for (String mediaType : content.mediaTypes()) {
      out.writeObjectPropertyStart(mediaType);
      out.writeObjectPropertyStart("schema");
      if (content.known()) {
        out.writeStringProperty("$ref", reference(content.definition()));
      }
      out.writeEndObject();
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  @Override
  public ObjectNode custom(StructuralSchema schema, PublishedSchema identity) {
    ObjectNode published = schema.source().deepCopy();
    identity.embedded(published, this);
    identity.root(published, this);
    return published;
  }
}
