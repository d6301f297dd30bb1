package dev.coxswain.apiserver.verbs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Finds the keys that stand twice in one map of a YAML document. */
final class YamlKeys {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private YamlKeys() {}

  /** Each as {@code line 11: key "foo" already set in map}. */
  static List<String> duplicates(byte[] yaml) {
    List<String> duplicates = new ArrayList<>();
    Deque<Set<String>> maps = new ArrayDeque<>();
    try (JsonParser parser = YAML.createParser(yaml)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case START_OBJECT -> maps.push(new HashSet<>());
          case END_OBJECT -> maps.pop();
          case PROPERTY_NAME -> {
            Set<String> keys = maps.peek();
            if (keys != null && !keys.add(parser.currentName())) {
              duplicates.add(
                  "line "
                      + parser.currentTokenLocation().getLineNr()
                      + ": key \""
                      + parser.currentName()
                      + "\" already set in map");
            }
          }
          default -> {}
        }
      }
    } catch (JacksonException malformed) {
      // Whoever reads the document next says what is wrong with it.
      return List.of();
    }
    return duplicates;
  }
}
