package dev.coxswain.apiserver.schema;

import dev.coxswain.api.json.Json;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * What clients send, read within bounds. A value of two bytes takes a hundred in memory, so that
 * the length of a body says little of what it costs to hold.
 */
public final class Input {
  /**
   * Most tokens of one document: each bracket, name and value is one. An object as large as the
   * store takes has about half as many.
   */
  public static final int MAXIMUM_TOKENS = 300_000;

  /** Most bytes of YAML that are read in small steps. */
  private static final int MAXIMUM_SHORT = 1 << 16;

  /** Characters that are read of a longer one at a time. */
  private static final int LONG_STEP = 1 << 18;

  /** How many objects as large as that fit into a document of many. */
  private static final int MANY = 16;

  private static final StreamReadConstraints BOUNDS = bounds(MAXIMUM_TOKENS);
  private static final JsonFactory JSON =
      JsonFactory.builder().streamReadConstraints(BOUNDS).build();
  private static final JsonFactory JSON_OF_MANY =
      JsonFactory.builder().streamReadConstraints(bounds((long) MANY * MAXIMUM_TOKENS)).build();
  private static final YAMLFactory YAML = yaml(LoadSettings.builder().build());

  /**
   * Of a text that goes on, the scanner copies all that it has whenever it reads some more: how
   * much it reads at a time decides whether one of some mebibytes takes milliseconds or seconds.
   */
  private static final LoadSettings LONG = LoadSettings.builder().setBufferSize(LONG_STEP).build();

  private static final YAMLFactory LONG_YAML = yaml(LONG);
  private static final YAMLFactory MARKED_YAML = MarkedYaml.factory(BOUNDS, LONG);

  private Input() {}

  /** Whether keys may stand twice is for {@link YamlKeys} to tell, and for others to decide. */
  private static YAMLFactory yaml(LoadSettings settings) {
    return YAMLFactory.builder()
        .streamReadConstraints(BOUNDS)
        .loadSettings(settings)
        .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build();
  }

  private static StreamReadConstraints bounds(long tokens) {
    return StreamReadConstraints.builder()
        .maxNestingDepth(Json.MAXIMUM_DEPTH)
        .maxNumberLength(Json.MAXIMUM_NUMBER_LENGTH)
        .maxStringLength(Integer.MAX_VALUE)
        .maxTokenCount(tokens)
        .build();
  }

  /** A parser of JSON. */
  public static JsonParser json(byte[] body) {
    return JSON.createParser(ObjectReadContext.empty(), body);
  }

  /** A parser of JSON that holds many objects, each of which may be as large as one alone. */
  public static JsonParser jsonOfMany(byte[] body) {
    return JSON_OF_MANY.createParser(ObjectReadContext.empty(), body);
  }

  /**
   * A parser of YAML, of which JSON is a part, in which nothing stands for other parts.
   *
   * @throws JacksonException where something did, and should not
   */
  public static JsonParser yaml(byte[] body) {
    if (hasStar(body) && hasAliases(body)) {
      try (MarkedYaml parser = markedYaml(body)) {
        return YamlAliases.writtenOut(parser).traverse(ObjectReadContext.empty());
      }
    }
    return yamlAsItIs(body);
  }

  /** A parser of YAML as it stands there. */
  static MarkedYaml markedYaml(byte[] body) {
    return (MarkedYaml) MARKED_YAML.createParser(ObjectReadContext.empty(), body);
  }

  private static YAMLParser yamlAsItIs(byte[] body) {
    YAMLFactory factory = body.length > MAXIMUM_SHORT ? LONG_YAML : YAML;
    return (YAMLParser) factory.createParser(ObjectReadContext.empty(), body);
  }

  /** Whether there may be an alias: most documents need not be read twice to know. */
  public static boolean hasStar(byte[] body) {
    for (byte one : body) {
      if (one == '*') {
        return true;
      }
    }
    return false;
  }

  private static boolean hasAliases(byte[] body) {
    try (YAMLParser parser = yamlAsItIs(body)) {
      return YamlAliases.in(parser);
    }
  }

  /**
   * The one value of a document.
   *
   * @throws JacksonException where it is malformed, or beyond the bounds
   */
  public static JsonNode tree(JsonParser document) {
    try (document) {
      @Nullable JsonNode value = Json.mapper().readTree(document);
      return value == null ? MissingNode.getInstance() : value;
    }
  }
}
