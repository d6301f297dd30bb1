package dev.coxswain.runtime.client;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Label and field selectors over JSON, as the query parameters spell them. */
final class FakeSelectors {
  private static final Pattern SET =
      Pattern.compile("\\s*(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*");
  private static final Pattern COMMA_OUTSIDE_PARENTHESES = Pattern.compile(",(?![^(]*\\))");

  private FakeSelectors() {}

  static boolean matches(JsonNode object, String namespace, ListOptions options) {
    if (!namespace.isEmpty() && !namespace.equals(text(object, "metadata.namespace"))) {
      return false;
    }
    JsonNode labels = object.path("metadata").path("labels");
    return parts(options.labelSelector()).allMatch(part -> label(labels, part))
        && parts(options.fieldSelector()).allMatch(part -> field(object, part));
  }

  private static Stream<String> parts(String selector) {
    return selector.isBlank() ? Stream.empty() : COMMA_OUTSIDE_PARENTHESES.splitAsStream(selector);
  }

  private static boolean label(JsonNode labels, String part) {
    Matcher set = SET.matcher(part);
    if (set.matches()) {
      List<String> values = List.of(set.group(3).trim().split("\\s*,\\s*", -1));
      boolean in =
          labels.has(set.group(1)) && values.contains(labels.path(set.group(1)).asString());
      return in == set.group(2).equals("in");
    }
    int unequal = part.indexOf("!=");
    if (unequal >= 0) {
      String name = part.substring(0, unequal).trim();
      return !labels.has(name)
          || !labels.path(name).asString().equals(part.substring(unequal + 2).trim());
    }
    int equal = part.indexOf('=');
    if (equal >= 0) {
      String name = part.substring(0, equal).trim();
      String value = part.substring(equal + 1).replaceFirst("^=", "").trim();
      return labels.has(name) && labels.path(name).asString().equals(value);
    }
    String name = part.trim();
    return name.startsWith("!") ? !labels.has(name.substring(1).trim()) : labels.has(name);
  }

  private static boolean field(JsonNode object, String part) {
    int equal = part.indexOf('=');
    if (equal < 0) {
      throw new IllegalArgumentException("field selector \"" + part + "\" has no operator");
    }
    boolean negated = equal > 0 && part.charAt(equal - 1) == '!';
    String path = part.substring(0, negated ? equal - 1 : equal).trim();
    String value = part.substring(equal + 1).replaceFirst("^=", "").trim();
    return text(object, path).equals(value) != negated;
  }

  private static String text(JsonNode object, String path) {
    JsonNode node = object;
    for (String name : path.split("\\.", -1)) {
      node = node.path(name);
    }
    return node.isMissingNode() || node.isNull() ? "" : node.asString();
  }
}
