package dev.coxswain.apiserver.schema.generator;

import static dev.coxswain.apiserver.schema.SchemaLayout.NODE_SIZE;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.schema.SchemaLayout;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Lays definitions out as {@link SchemaLayout} says. */
final class ArenaWriter {
  private static final String REFERENCE_PREFIX = "#/definitions/";

  private final Map<String, Integer> strings = new LinkedHashMap<>();
  private final Map<String, Integer> descriptions = new LinkedHashMap<>();
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final int[] offsets;
  private int[] arena = new int[1 << 16];
  private int used;

  ArenaWriter(Map<String, JsonNode> definitions) {
    string("");
    descriptions.put("", 0);
    for (String name : definitions.keySet()) {
      numbers.put(name, numbers.size());
    }
    offsets = new int[definitions.size()];
    definitions.forEach((name, node) -> offsets[number(name)] = definition(name, node));
  }

  private int number(String definition) {
    Integer number = numbers.get(definition);
    if (number == null) {
      throw new IllegalStateException("a reference to " + definition + ", which is not defined");
    }
    return number;
  }

  private int definition(String name, JsonNode node) {
    int offset = node(node);
    if (name.endsWith(".resource.Quantity")) {
      retype(offset, Schema.Type.QUANTITY);
    } else if (name.endsWith(".intstr.IntOrString")) {
      retype(offset, Schema.Type.INT_OR_STRING);
    } else if (name.endsWith(".v1.MicroTime")) {
      arena[offset + SchemaLayout.FORMAT] = string("date-time-micro");
    }
    return offset;
  }

  private void retype(int offset, Schema.Type type) {
    arena[offset + SchemaLayout.FLAGS] =
        (arena[offset + SchemaLayout.FLAGS] & ~SchemaLayout.TYPE_MASK) | SchemaLayout.code(type);
  }

  private int node(JsonNode node) {
    Map<String, JsonNode> properties = new TreeMap<>();
    node.path("properties").properties().forEach(p -> properties.put(p.getKey(), p.getValue()));
    int offset = used;
    used += NODE_SIZE + 2 * properties.size();
    if (used > arena.length) {
      arena = Arrays.copyOf(arena, Math.max(used, arena.length * 2));
    }
    set(offset, SchemaLayout.FLAGS, flags(node));
    set(offset, SchemaLayout.FORMAT, string(node.path("format").asString("")));
    set(offset, SchemaLayout.DESCRIPTION, description(node.path("description").asString("")));
    set(offset, SchemaLayout.MERGE_KEY, text(node, "x-kubernetes-patch-merge-key"));
    set(offset, SchemaLayout.LIST_KEYS, joined(node.path("x-kubernetes-list-map-keys")));
    set(offset, SchemaLayout.REQUIRED, joined(node.path("required")));
    set(offset, SchemaLayout.ENUM, joined(node.path("enum")));
    set(offset, SchemaLayout.DEFAULT, text(node, "default"));
    set(offset, SchemaLayout.CHILD, child(node));
    set(offset, SchemaLayout.PROPERTY_COUNT, properties.size());
    int pair = offset + NODE_SIZE;
    for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
      arena[pair] = string(property.getKey());
      int child = node(property.getValue());
      arena[pair + 1] = child;
      pair += 2;
    }
    return offset;
  }

  private void set(int node, int field, int value) {
    arena[node + field] = value;
  }

  private int child(JsonNode node) {
    String reference = node.path("$ref").asString("");
    if (!reference.isEmpty()) {
      return number(reference.substring(REFERENCE_PREFIX.length()));
    }
    if (node.has("items")) {
      return node(node.path("items"));
    }
    return node.path("additionalProperties").isObject()
        ? node(node.path("additionalProperties"))
        : -1;
  }

  private static int flags(JsonNode node) {
    int flags = SchemaLayout.code(type(node));
    if (node.has("$ref")) {
      flags |= SchemaLayout.REFERENCE;
    } else if (type(node) == Schema.Type.ANY) {
      flags |= SchemaLayout.PRESERVES;
    }
    flags |=
        switch (node.path("x-kubernetes-list-type").asString("")) {
          case "set" -> SchemaLayout.LIST_SET;
          case "map" -> SchemaLayout.LIST_MAP;
          default -> 0;
        };
    if (emptyDefault(node.path("default"))) {
      flags |= SchemaLayout.WRITTEN_EMPTY;
    }
    if (node.path("x-kubernetes-map-type").asString("").equals("atomic")) {
      flags |= SchemaLayout.ATOMIC_MAP;
    }
    List<String> strategies =
        List.of(node.path("x-kubernetes-patch-strategy").asString("").split(","));
    if (strategies.contains("merge")) {
      flags |= SchemaLayout.MERGES;
    }
    if (strategies.contains("retainKeys")) {
      flags |= SchemaLayout.RETAINS_KEYS;
    }
    return flags;
  }

  /**
   * A default that says nothing stands where a Go type has a struct, or a scalar that cannot be
   * left out.
   */
  private static boolean emptyDefault(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> value.isEmpty();
      case NUMBER -> value.asInt() == 0;
      case BOOLEAN -> !value.asBoolean();
      case STRING -> value.asString().isEmpty();
      default -> false;
    };
  }

  private static Schema.Type type(JsonNode node) {
    return switch (node.path("type").asString("")) {
      case "object" ->
          node.has("properties") || node.path("additionalProperties").isObject()
              ? Schema.Type.OBJECT
              : Schema.Type.ANY;
      case "array" -> Schema.Type.ARRAY;
      case "string" -> Schema.Type.STRING;
      case "integer" -> Schema.Type.INTEGER;
      case "number" -> Schema.Type.NUMBER;
      case "boolean" -> Schema.Type.BOOLEAN;
      default -> Schema.Type.ANY;
    };
  }

  private int text(JsonNode node, String field) {
    return string(node.path(field).asString(""));
  }

  private int joined(JsonNode list) {
    return string(
        StreamSupport.stream(list.spliterator(), false)
            .map(JsonNode::asString)
            .filter(value -> !value.isEmpty())
            .collect(Collectors.joining(",")));
  }

  private int string(String text) {
    return strings.computeIfAbsent(text, _ -> strings.size());
  }

  private int description(String text) {
    return descriptions.computeIfAbsent(text, _ -> descriptions.size());
  }

  byte[] schemas() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(SchemaLayout.VERSION);
      out.writeInt(strings.size());
      for (String string : strings.keySet()) {
        out.writeUTF(string);
      }
      out.writeInt(used);
      for (int i = 0; i < used; i++) {
        out.writeInt(arena[i]);
      }
      out.writeInt(numbers.size());
      for (Map.Entry<String, Integer> definition : numbers.entrySet()) {
        out.writeUTF(definition.getKey());
        out.writeInt(offsets[definition.getValue()]);
      }
    }
    return bytes.toByteArray();
  }

  /** The count, then the end of each text in the bytes that follow, then the texts. */
  byte[] descriptions() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<byte[]> texts = new ArrayList<>();
    descriptions.keySet().forEach(text -> texts.add(text.getBytes(StandardCharsets.UTF_8)));
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(texts.size());
      int end = 0;
      for (byte[] text : texts) {
        end += text.length;
        out.writeInt(end);
      }
      for (byte[] text : texts) {
        out.write(text);
      }
    }
    return bytes.toByteArray();
  }
}
