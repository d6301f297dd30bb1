package dev.coxswain.apiserver.schema;

import dev.coxswain.api.json.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Writes out what stands for other parts of a YAML document: {@code *name} for what {@code &name}
 * marks, and {@code <<} for the fields of one map, or of several, that are not in another.
 *
 * <p>A few lines can stand for more than any memory holds. What is written out is bounded as if it
 * had come so: each part's size is known before it is copied.
 */
final class YamlAliases {
  /** Most characters of all texts, as many as the longest body has. */
  static final long MAXIMUM_TEXT = 3 << 20;

  private final MarkedYaml parser;
  private final Map<String, Part> parts = new HashMap<>();

  /** What has been written out so far. */
  private long values;

  private long text;

  /** In how many maps and lists the current value is, and the most that one in it was. */
  private int depth;

  private int deepest;

  /** What is marked, and what it holds when everything in it is written out. */
  private record Part(JsonNode value, long values, long text, int depth) {}

  private YamlAliases(MarkedYaml parser) {
    this.parser = parser;
  }

  /** Whether one value stands for another somewhere; reads the parser to its end. */
  static boolean in(YAMLParser parser) {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (parser.isCurrentAlias()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The document with everything written out.
   *
   * @throws StreamReadException where an alias stands for nothing, for what it is a part of, or for
   *     too much
   */
  static JsonNode writtenOut(MarkedYaml parser) {
    YamlAliases aliases = new YamlAliases(parser);
    parser.nextToken();
    JsonNode value = aliases.value();
    if (parser.nextToken() != null) {
      throw new StreamReadException(parser, "invalid data after top-level value");
    }
    return value;
  }

  private JsonNode value() {
    if (parser.isCurrentAlias()) {
      return copy(parser.getString());
    }
    long valuesBefore = values;
    long textBefore = text;
    int deepestBefore = deepest;
    deepest = depth;
    Optional<String> mark = parser.mark();
    JsonNode value =
        switch (parser.currentToken()) {
          case START_OBJECT -> map();
          case START_ARRAY -> list();
          default -> scalar();
        };
    Part part = new Part(value, values - valuesBefore, text - textBefore, deepest - depth);
    mark.ifPresent(name -> parts.put(name, part));
    deepest = Math.max(deepest, deepestBefore);
    return value;
  }

  private JsonNode copy(String name) {
    Part part = parts.get(name);
    if (part == null) {
      // One that is marked further down, or that this is a part of, is not known yet either.
      throw new StreamReadException(parser, "unknown anchor '" + name + "' referenced");
    }
    grow(part.values(), part.text(), part.depth());
    return part.value().deepCopy();
  }

  private void grow(long moreValues, long moreText, int deeper) {
    values += moreValues;
    text += moreText;
    deepest = Math.max(deepest, depth + deeper);
    if (values > Input.MAXIMUM_TOKENS || text > MAXIMUM_TEXT || deepest > Json.MAXIMUM_DEPTH) {
      throw new StreamReadException(parser, "document contains excessive aliasing");
    }
  }

  private JsonNode scalar() {
    grow(1, parser.getStringLength(), 0);
    return ObjectDecoder.scalar(parser);
  }

  private ArrayNode list() {
    grow(2, 0, 1);
    depth++;
    ArrayNode list = Json.array();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value());
    }
    depth--;
    return list;
  }

  private ObjectNode map() {
    grow(2, 0, 1);
    depth++;
    ObjectNode map = Json.object();
    ObjectNode merged = Json.object();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      grow(1, name.length(), 0);
      parser.nextToken();
      JsonNode value = value();
      if (name.equals("<<")) {
        merge(value, merged);
      } else {
        map.set(name, value);
      }
    }
    depth--;
    merge(merged, map);
    return map;
  }

  /** Takes over the fields that are not there yet: the first that tells one counts. */
  private void merge(JsonNode from, ObjectNode into) {
    switch (from) {
      case ObjectNode map ->
          map.properties().forEach(field -> into.putIfAbsent(field.getKey(), field.getValue()));
      case ArrayNode list -> list.forEach(one -> merge(one, into));
      default ->
          throw new StreamReadException(parser, "map merge requires map or sequence of maps");
    }
  }
}
