package dev.coxswain.apiserver.schema;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/**
 * How much a YAML document holds when what stands for other parts is written out, found without
 * writing it out. It counts no further than {@link YamlAliases} goes.
 */
public final class YamlSize {
  private final MarkedYaml parser;
  private final Map<String, Size> marked = new HashMap<>();
  private Size all = new Size(0, 0);

  /**
   * What a document holds.
   *
   * @param values brackets, names and values
   * @param text the characters of its texts
   */
  public record Size(long values, long text) {
    private Size and(Size more) {
      return new Size(
          Math.min(values + more.values, Input.MAXIMUM_TOKENS),
          Math.min(text + more.text, YamlAliases.MAXIMUM_TEXT));
    }

    private Size since(Size before) {
      return new Size(values - before.values, text - before.text);
    }
  }

  private YamlSize(MarkedYaml parser) {
    this.parser = parser;
  }

  /** What a document holds, as far as it can be read. */
  public static Size of(byte[] yaml) {
    try (MarkedYaml parser = Input.markedYaml(yaml)) {
      YamlSize size = new YamlSize(parser);
      try {
        while (parser.nextToken() != null) {
          size.value();
        }
      } catch (JacksonException malformed) {
        // Whoever reads it next comes no further, and says why.
      }
      return size.all;
    }
  }

  private void value() {
    if (parser.isCurrentAlias()) {
      all = all.and(marked.getOrDefault(parser.getString(), new Size(0, 0)));
      return;
    }
    Size before = all;
    var mark = parser.mark();
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        all = all.and(new Size(2, 0));
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          all = all.and(new Size(1, parser.currentName().length()));
          parser.nextToken();
          value();
        }
      }
      case START_ARRAY -> {
        all = all.and(new Size(2, 0));
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          value();
        }
      }
      default -> all = all.and(new Size(1, parser.getStringLength()));
    }
    mark.ifPresent(name -> marked.put(name, all.since(before)));
  }
}
