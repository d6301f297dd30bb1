package dev.coxswain.store.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.coxswain.api.json.Json;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Messages as JSON, as etcd's gateway writes and reads them: fields under the names of the protocol
 * (read in camel case, too), integers of 64 bits as strings, bytes in Base64, nothing that is
 * unset.
 */
final class ProtoJson {
  private ProtoJson() {}

  /** A message as a tree. */
  static ObjectNode write(Message message) {
    ObjectNode written = Json.object();
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      FieldDescriptor about = field.getKey();
      if (about.isRepeated()) {
        ArrayNode values = written.putArray(about.getName());
        for (Object value : (List<?>) field.getValue()) {
          values.add(write(about, value));
        }
      } else {
        written.set(about.getName(), write(about, field.getValue()));
      }
    }
    return written;
  }

  private static JsonNode write(FieldDescriptor about, Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value) {
      case Message message -> write(message);
      case EnumValueDescriptor named -> nodes.stringNode(named.getName());
      case ByteString bytes ->
          nodes.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      case Boolean flag -> nodes.booleanNode(flag);
      case Long number ->
          nodes.stringNode(
              about.getType() == FieldDescriptor.Type.UINT64
                  ? Long.toUnsignedString(number)
                  : Long.toString(number));
      case Integer number ->
          about.getType() == FieldDescriptor.Type.UINT32
              ? nodes.numberNode(Integer.toUnsignedLong(number))
              : nodes.numberNode(number);
      default -> nodes.stringNode(value.toString());
    };
  }

  /**
   * Reads a message from a tree.
   *
   * @throws IllegalArgumentException where the tree is none of this message's
   */
  static void read(JsonNode json, Message.Builder into) {
    if (!(json instanceof ObjectNode object)) {
      throw new IllegalArgumentException(
          "json: cannot read %s from a JSON %s"
              .formatted(into.getDescriptorForType().getFullName(), Json.typeName(json)));
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      FieldDescriptor about = field(into, entry.getKey());
      JsonNode value = entry.getValue();
      if (value.isNull()) {
        continue;
      }
      if (!about.isRepeated()) {
        into.setField(about, value(about, value, into));
      } else if (value instanceof ArrayNode values) {
        values.forEach(each -> into.addRepeatedField(about, value(about, each, into)));
      } else {
        throw wrong(about, value);
      }
    }
  }

  private static FieldDescriptor field(Message.Builder of, String name) {
    return of.getDescriptorForType().getFields().stream()
        .filter(field -> field.getName().equals(name) || field.getJsonName().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown field \"%s\" in %s"
                    .formatted(name, of.getDescriptorForType().getFullName())));
  }

  private static Object value(FieldDescriptor about, JsonNode json, Message.Builder of) {
    return switch (about.getJavaType()) {
      case MESSAGE -> {
        Message.Builder nested = of.newBuilderForField(about);
        read(json, nested);
        yield nested.build();
      }
      case ENUM -> named(about, json);
      case BYTE_STRING -> {
        if (!json.isString()) {
          throw wrong(about, json);
        }
        yield bytes(about, json.asString());
      }
      case BOOLEAN -> {
        if (!json.isBoolean()) {
          throw wrong(about, json);
        }
        yield json.asBoolean();
      }
      case STRING -> {
        if (!json.isString()) {
          throw wrong(about, json);
        }
        yield json.asString();
      }
      case LONG -> number(about, json);
      case INT -> Math.toIntExact(number(about, json));
      case FLOAT, DOUBLE -> throw wrong(about, json);
    };
  }

  private static long number(FieldDescriptor about, JsonNode json) {
    if (!json.isString() && !json.isIntegralNumber()) {
      throw wrong(about, json);
    }
    String text = json.asString();
    try {
      return about.getType() == FieldDescriptor.Type.UINT64
          ? Long.parseUnsignedLong(text)
          : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "json: \"%s\" is no number for %s".formatted(text, about.getName()), e);
    }
  }

  private static EnumValueDescriptor named(FieldDescriptor about, JsonNode json) {
    EnumDescriptor names = about.getEnumType();
    EnumValueDescriptor found =
        json.isIntegralNumber()
            ? names.findValueByNumberCreatingIfUnknown(json.asInt())
            : names.findValueByName(json.isString() ? json.asString() : "");
    if (found == null) {
      throw new IllegalArgumentException(
          "unknown value %s for enum %s".formatted(json, names.getFullName()));
    }
    return found;
  }

  // Both alphabets, padded or not, as the mapping of protocol buffers has it.
  private static ByteString bytes(FieldDescriptor about, String text) {
    String plain = text.replace('-', '+').replace('_', '/');
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(plain));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("illegal base64 data in %s".formatted(about.getName()), e);
    }
  }

  private static IllegalArgumentException wrong(FieldDescriptor about, JsonNode json) {
    return new IllegalArgumentException(
        "json: cannot read %s from a JSON %s".formatted(about.getName(), Json.typeName(json)));
  }
}
