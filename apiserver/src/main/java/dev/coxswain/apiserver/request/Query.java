package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a URL's query.
 *
 * @param parameters each name with its values, in the order in which they came
 */
public record Query(Map<String, List<String>> parameters) {
  /** No parameters. */
  public static final Query NONE = new Query(Map.of());

  /**
   * Decodes a query.
   *
   * @throws ApiException with reason {@code BadRequest} for a broken escape
   */
  public static Query parse(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String part : text.split("&", -1)) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        String name = decode(equals < 0 ? part : part.substring(0, equals));
        String value = equals < 0 ? "" : decode(part.substring(equals + 1));
        parameters.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value);
      }
    }
    return new Query(parameters);
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          StatusReason.BAD_REQUEST, "invalid URL escape in query: " + e.getMessage());
    }
  }

  /** Whether the parameter was given, with whatever value. */
  public boolean has(String name) {
    return parameters.containsKey(name);
  }

  /** The first value; empty where there is none. */
  public String text(String name) {
    List<String> values = parameters.get(name);
    return values == null ? "" : values.getFirst();
  }

  /** All values. */
  public List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /** Whether the parameter was given and says yes. */
  public boolean flag(String name) {
    return has(name) && saysYes(text(name));
  }

  /** Everything says yes but {@code false}, in whatever case (Python's is its own), and zero. */
  public static boolean saysYes(String value) {
    return !value.equalsIgnoreCase("false") && !value.equals("0");
  }

  /**
   * A whole number; {@code otherwise} where the parameter is not given or empty.
   *
   * @throws ApiException with reason {@code BadRequest} for anything else
   */
  public long number(String name, long otherwise) {
    String text = text(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ApiException(
          StatusReason.BAD_REQUEST,
          "invalid query parameter " + name + ": \"" + text + "\" is not a whole number");
    }
  }
}
