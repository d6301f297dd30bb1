package dev.coxswain.apiserver.openapi;

import com.google.protobuf.CodedOutputStream;
import dev.coxswain.api.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a Swagger document from JSON into its binary form. The document is read path by path and
 * definition by definition, so that it never stands in memory as a tree.
 */
final class SwaggerEncoder {
  private static final int PATHS = 8;
  private static final int PATHS_ENTRIES = 2;
  private static final int DEFINITIONS = 9;
  private static final int DEFINITIONS_ENTRIES = 1;
  private static final int NAME = 1;
  private static final int VALUE = 2;
  private static final int ANY_YAML = 2;
  private static final int ADDITIONAL_FLAG = 2;

  private SwaggerEncoder() {}

  /** Encodes a document; what it does not know of the document is left out. */
  static void encode(InputStream json, OutputStream binary) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(binary);
    ObjectNode head = Json.object();
    try (JsonParser parser = Json.mapper().createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "paths" ->
              out.writeByteArray(PATHS, entries(parser, PATHS_ENTRIES, SwaggerMessage.PATH_ITEM));
          case "definitions" ->
              out.writeByteArray(
                  DEFINITIONS, entries(parser, DEFINITIONS_ENTRIES, SwaggerMessage.SCHEMA));
          default -> head.set(name, parser.readValueAsTree());
        }
      }
    }
    out.writeRawBytes(message(SwaggerMessage.DOCUMENT, head));
    out.flush();
  }

  private static byte[] entries(JsonParser parser, int number, SwaggerMessage message)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      JsonNode value = parser.readValueAsTree();
      out.writeByteArray(number, entry(name, message(message, value)));
    }
    out.flush();
    return bytes.toByteArray();
  }

  @FunctionalInterface
  private interface Writing {
    void to(CodedOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, 512);
      writing.to(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot be written", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] entry(String name, byte[] value) {
    return bytes(out -> {
      out.writeString(NAME, name);
      out.writeByteArray(VALUE, value);
    });
  }

  private static byte[] message(SwaggerMessage message, JsonNode value) {
    if (message == SwaggerMessage.PARAMETER) {
      return parameter(value);
    }
    return bytes(out -> {
      for (Map.Entry<String, JsonNode> property : value.properties()) {
        SwaggerMessage.Field field = message.fields().get(property.getKey());
        if (field != null) {
          field(out, field, property.getValue());
        } else if (property.getKey().startsWith("x-") && message.extensions() > 0) {
          out.writeByteArray(
              message.extensions(), entry(property.getKey(), any(property.getValue())));
        }
      }
    });
  }

  /** A parameter stands in messages that tell its sort; JSON tells it by {@code in}. */
  private static byte[] parameter(JsonNode value) {
    return switch (Json.text(value, "in")) {
      case "body" -> wrapped(List.of(1, 1), message(SwaggerMessage.BODY_PARAMETER, value));
      case "path" -> wrapped(List.of(1, 2, 4), message(SwaggerMessage.PATH_PARAMETER, value));
      default -> wrapped(List.of(1, 2, 3), message(SwaggerMessage.QUERY_PARAMETER, value));
    };
  }

  private static void field(CodedOutputStream out, SwaggerMessage.Field field, JsonNode value)
      throws IOException {
    List<Integer> around = field.numbers().subList(0, field.numbers().size() - 1);
    int number = field.numbers().getLast();
    if (around.isEmpty()) {
      values(out, number, field, value);
    } else {
      byte[] inner = bytes(nested -> values(nested, number, field, value));
      int first = around.getFirst();
      out.writeByteArray(first, wrapped(around.subList(1, around.size()), inner));
    }
  }

  private static byte[] wrapped(List<Integer> numbers, byte[] inner) {
    byte[] wrapped = inner;
    for (int number : numbers.reversed()) {
      byte[] content = wrapped;
      wrapped = bytes(out -> out.writeByteArray(number, content));
    }
    return wrapped;
  }

  private static void values(
      CodedOutputStream out, int number, SwaggerMessage.Field field, JsonNode value)
      throws IOException {
    if (value.isArray()) {
      for (JsonNode element : value) {
        value(out, number, field, element);
      }
    } else {
      value(out, number, field, value);
    }
  }

  private static void value(
      CodedOutputStream out, int number, SwaggerMessage.Field field, JsonNode value)
      throws IOException {
    switch (field.form()) {
      case TEXT -> out.writeString(number, value.asString(""));
      case FLAG -> out.writeBool(number, value.asBoolean(false));
      case WHOLE_NUMBER -> out.writeInt64(number, value.asLong(0));
      case NUMBER -> out.writeDouble(number, value.asDouble(0));
      case ANY -> out.writeByteArray(number, any(value));
      case MESSAGE -> {
        if (value.isBoolean()) {
          // Only additionalProperties may be a boolean in place of a schema.
          out.writeBool(ADDITIONAL_FLAG, value.asBoolean());
        } else {
          out.writeByteArray(number, message(field.message(), value));
        }
      }
      case NAMED -> {
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
          byte[] named = message(field.message(), entry.getValue());
          boolean answer = field.message() == SwaggerMessage.RESPONSE;
          // A response may also be a reference, so it stands in a message that tells which it is.
          byte[] content = answer ? wrapped(List.of(1), named) : named;
          out.writeByteArray(number, entry(entry.getKey(), content));
        }
      }
    }
  }

  /** JSON is YAML. */
  private static byte[] any(JsonNode value) {
    return bytes(out -> out.writeString(ANY_YAML, value + "\n"));
  }
}
