package dev.coxswain.apiserver.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;

/**
 * Finds the keys that stand twice in one map of a YAML document, among them those that come with
 * {@code <<}.
 */
public final class YamlKeys {
  private final MarkedYaml parser;
  private final List<String> duplicates = new ArrayList<>();

  /** The keys of the maps that are marked, and where the value of each is. */
  private final Map<String, Map<String, Integer>> marked = new HashMap<>();

  /** How many keys have come from other maps. */
  private int merged;

  private YamlKeys(MarkedYaml parser) {
    this.parser = parser;
  }

  /**
   * Each as {@code line 11: key "foo" already set in map}, up to {@link
   * ObjectDecoder#MAXIMUM_PROBLEMS}; none where the document is malformed, which whoever reads it
   * next says.
   */
  public static List<String> duplicates(byte[] yaml) {
    try (MarkedYaml parser = Input.markedYaml(yaml)) {
      YamlKeys keys = new YamlKeys(parser);
      while (parser.nextToken() != null) {
        keys.value();
      }
      return List.copyOf(keys.duplicates);
    } catch (JacksonException malformed) {
      return List.of();
    }
  }

  /** Goes over the current value; tells the keys of a map. */
  private Map<String, Integer> value() {
    if (parser.isCurrentAlias()) {
      return marked.getOrDefault(parser.getString(), Map.of());
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> map();
      case START_ARRAY -> {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          value();
        }
        yield Map.of();
      }
      default -> Map.of();
    };
  }

  private Map<String, Integer> map() {
    var mark = parser.mark();
    Map<String, Integer> keys = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      int line = parser.currentTokenLocation().getLineNr();
      if (name.equals("<<")) {
        merge(keys);
      } else {
        value();
        set(keys, name, line);
      }
    }
    mark.ifPresent(name -> marked.put(name, keys));
    return keys;
  }

  private void merge(Map<String, Integer> keys) {
    if (parser.currentToken() != JsonToken.START_ARRAY || parser.isCurrentAlias()) {
      take(value(), keys);
      return;
    }
    List<Map<String, Integer>> maps = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      maps.add(value());
    }
    // The first of several counts, which upstream's reader reaches by taking the last first.
    maps.reversed().forEach(map -> take(map, keys));
  }

  private void take(Map<String, Integer> from, Map<String, Integer> keys) {
    merged += from.size();
    if (merged > Input.MAXIMUM_TOKENS) {
      throw new StreamReadException(parser, "document contains excessive aliasing");
    }
    from.forEach((name, line) -> set(keys, name, line));
  }

  private void set(Map<String, Integer> keys, String name, int line) {
    if (keys.putIfAbsent(name, line) != null
        && duplicates.size() < ObjectDecoder.MAXIMUM_PROBLEMS) {
      duplicates.add("line " + line + ": key \"" + name + "\" already set in map");
    }
  }
}
