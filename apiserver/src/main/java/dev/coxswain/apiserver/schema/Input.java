package dev.coxswain.apiserver.schema;

import dev.coxswain.api.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonParserDelegate;
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

  /** How many objects as large as that fit into a document of many. */
  private static final int MANY = 16;

  private static final StreamReadConstraints BOUNDS = bounds(MAXIMUM_TOKENS);
  private static final JsonFactory JSON =
      JsonFactory.builder().streamReadConstraints(BOUNDS).build();
  private static final JsonFactory JSON_OF_MANY =
      JsonFactory.builder().streamReadConstraints(bounds((long) MANY * MAXIMUM_TOKENS)).build();
  private static final YAMLFactory YAML =
      YAMLFactory.builder().streamReadConstraints(BOUNDS).build();

  private Input() {}

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

  /** A parser of YAML, of which JSON is a part, without what repeats other parts of a document. */
  public static JsonParser yaml(byte[] body) {
    return new WithoutAliases((YAMLParser) YAML.createParser(ObjectReadContext.empty(), body));
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

  /** An alias would be read as a text, which is not what its author meant. */
  private static final class WithoutAliases extends JsonParserDelegate {
    private final YAMLParser parser;

    WithoutAliases(YAMLParser parser) {
      super(parser);
      this.parser = parser;
    }

    @Override
    public JsonToken nextToken() throws JacksonException {
      JsonToken token = super.nextToken();
      if (parser.isCurrentAlias()) {
        throw new StreamReadException(this, "YAML aliases are not read here: write the value out");
      }
      return token;
    }
  }
}
