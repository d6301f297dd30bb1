package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says in OpenAPI 3.0 what a server says only in a Swagger document, as upstream's aggregator does
 * for servers that were written before there was the newer form.
 */
final class SwaggerUpgrade {
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch");

  /** What of a parameter is about the parameter; the rest is about its value. */
  private static final Set<String> OF_PARAMETERS =
      Set.of("name", "in", "description", "required", "allowEmptyValue");

  /** What there is no word for any more. */
  private static final Set<String> LEFT_OUT = Set.of("collectionFormat", "discriminator");

  private static final List<String> ANYTHING = List.of("*/*");

  private SwaggerUpgrade() {}

  /**
   * The whole document.
   *
   * @param part paths and definitions, as {@link SwaggerPart} cuts them out
   * @param version the version of the document
   */
  static ObjectNode of(ObjectNode part, String version) {
    ObjectNode document = Json.object();
    document.put("openapi", "3.0.0");
    document.putObject("info").put("title", "Kubernetes").put("version", version);
    ObjectNode paths = document.putObject("paths");
    part.path("paths")
        .properties()
        .forEach(path -> paths.set(path.getKey(), item(path.getValue())));
    ObjectNode schemas = document.putObject("components").putObject("schemas");
    part.path("definitions")
        .properties()
        .forEach(definition -> schemas.set(definition.getKey(), schema(definition.getValue())));
    return document;
  }

  private static ObjectNode item(JsonNode swagger) {
    ObjectNode item = Json.object();
    swagger
        .properties()
        .forEach(entry -> {
          String name = entry.getKey();
          if (METHODS.contains(name)) {
            item.set(name, operation(entry.getValue()));
          } else if (name.equals("parameters")) {
            item.set(name, parameters(entry.getValue()));
          } else {
            item.set(name, entry.getValue());
          }
        });
    return item;
  }

  private static ObjectNode operation(JsonNode swagger) {
    ObjectNode operation = Json.object();
    List<String> consumed = mediaTypes(swagger.path("consumes"));
    List<String> produced = mediaTypes(swagger.path("produces"));
    swagger
        .properties()
        .forEach(entry -> {
          JsonNode value = entry.getValue();
          switch (entry.getKey()) {
            case "consumes", "produces", "schemes" -> {}
            case "parameters" -> {
              ArrayNode parameters = parameters(value);
              if (!parameters.isEmpty()) {
                operation.set("parameters", parameters);
              }
              value.forEach(parameter -> {
                if (isBody(parameter)) {
                  operation.set("requestBody", body(parameter, consumed));
                }
              });
            }
            case "responses" -> operation.set("responses", responses(value, produced));
            default -> operation.set(entry.getKey(), value);
          }
        });
    return operation;
  }

  private static List<String> mediaTypes(JsonNode list) {
    List<String> types =
        list.valueStream().map(type -> type.asString("")).filter(type -> !type.isEmpty()).toList();
    return types.isEmpty() ? ANYTHING : types;
  }

  private static boolean isBody(JsonNode parameter) {
    return Json.text(parameter, "in").equals("body");
  }

  private static ArrayNode parameters(JsonNode swagger) {
    ArrayNode parameters = Json.array();
    for (JsonNode parameter : swagger) {
      if (!isBody(parameter)) {
        parameters.add(parameter(parameter));
      }
    }
    return parameters;
  }

  private static ObjectNode parameter(JsonNode swagger) {
    ObjectNode parameter = Json.object();
    ObjectNode value = Json.object();
    for (Map.Entry<String, JsonNode> entry : swagger.properties()) {
      String name = entry.getKey();
      boolean own = OF_PARAMETERS.contains(name) || name.startsWith("x-");
      (own ? parameter : value).set(name, entry.getValue());
    }
    parameter.set("schema", schema(value));
    return parameter;
  }

  private static ObjectNode body(JsonNode parameter, List<String> mediaTypes) {
    ObjectNode body = Json.object();
    copy(parameter, body, "description", "required");
    body.set("content", content(parameter.path("schema"), mediaTypes));
    return body;
  }

  private static ObjectNode responses(JsonNode swagger, List<String> mediaTypes) {
    ObjectNode responses = Json.object();
    swagger
        .properties()
        .forEach(entry -> {
          ObjectNode response = responses.putObject(entry.getKey());
          copy(entry.getValue(), response, "description");
          if (entry.getValue().has("schema")) {
            response.set("content", content(entry.getValue().path("schema"), mediaTypes));
          }
        });
    return responses;
  }

  private static ObjectNode content(JsonNode schema, List<String> mediaTypes) {
    ObjectNode content = Json.object();
    for (String mediaType : mediaTypes) {
      content.putObject(mediaType).set("schema", schema(schema));
    }
    return content;
  }

  private static void copy(JsonNode from, ObjectNode to, String... names) {
    for (String name : names) {
      if (from.has(name)) {
        to.set(name, from.path(name));
      }
    }
  }

  /**
   * A shape with all that it holds. What a field is called says nothing of what it is, so that only
   * the places are followed where there are shapes: a field may be called {@code $ref}.
   */
  private static JsonNode schema(JsonNode swagger) {
    if (!(swagger instanceof ObjectNode given)) {
      return swagger;
    }
    ObjectNode schema = Json.object();
    given
        .properties()
        .forEach(entry -> {
          String name = entry.getKey();
          JsonNode value = entry.getValue();
          if (LEFT_OUT.contains(name)) {
            return;
          }
          switch (name) {
            case "$ref" ->
                schema.put(
                    name, value.asString("").replace("#/definitions/", "#/components/schemas/"));
            case "properties", "patternProperties", "definitions" -> {
              ObjectNode fields = schema.putObject(name);
              value
                  .properties()
                  .forEach(field -> fields.set(field.getKey(), schema(field.getValue())));
            }
            case "items", "allOf", "anyOf", "oneOf" -> {
              if (value.isArray()) {
                ArrayNode list = schema.putArray(name);
                value.forEach(one -> list.add(schema(one)));
              } else {
                schema.set(name, schema(value));
              }
            }
            case "not", "additionalProperties", "additionalItems" ->
                schema.set(name, schema(value));
            default -> schema.set(name, value);
          }
        });
    return schema;
  }
}
