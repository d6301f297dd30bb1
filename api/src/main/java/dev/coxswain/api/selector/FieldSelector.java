package dev.coxswain.api.selector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A conjunction of conditions on fields, such as {@code spec.nodeName=a,status.phase!=Running}.
 *
 * @param terms the conditions; none selects everything
 */
public record FieldSelector(List<Term> terms) {
  /** Selects every object. */
  public static final FieldSelector EVERYTHING = new FieldSelector(List.of());

  /**
   * One condition.
   *
   * @param field the dotted path
   * @param value what it is compared with
   * @param equal whether it must be equal, or must not
   */
  public record Term(String field, String value, boolean equal) {
    boolean matches(Map<String, String> fields) {
      return fields.getOrDefault(field, "").equals(value) == equal;
    }

    /** With a backslash before what would end the value. */
    @Override
    public String toString() {
      String escaped = value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
      return field + (equal ? "=" : "!=") + escaped;
    }
  }

  public FieldSelector {
    terms = List.copyOf(terms);
  }

  /**
   * Parses the {@code fieldSelector} parameter. A comma, an equals sign or a backslash within a
   * value is written with a backslash before it.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static FieldSelector parse(String text) {
    List<Term> terms = new ArrayList<>();
    for (String term : split(text)) {
      if (!term.isEmpty()) {
        terms.add(term(term, text));
      }
    }
    return terms.isEmpty() ? EVERYTHING : new FieldSelector(terms);
  }

  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == ',') {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(Math.min(start, text.length())));
    return parts;
  }

  private static Term term(String term, String whole) {
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith("!=", i)) {
        return new Term(term.substring(0, i), unescape(term.substring(i + 2)), false);
      }
      if (term.startsWith("==", i)) {
        return new Term(term.substring(0, i), unescape(term.substring(i + 2)), true);
      }
      if (term.charAt(i) == '=') {
        return new Term(term.substring(0, i), unescape(term.substring(i + 1)), true);
      }
    }
    throw new IllegalArgumentException(
        "invalid selector: '" + whole + "'; can't understand '" + term + "'");
  }

  private static String unescape(String value) {
    StringBuilder result = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        i++;
        if (i == value.length() || "\\,=".indexOf(value.charAt(i)) < 0) {
          throw new IllegalArgumentException(
              "invalid field selector: invalid escape sequence in value: " + value);
        }
        c = value.charAt(i);
      } else if (c == ',' || c == '=') {
        throw new IllegalArgumentException(
            "invalid field selector: unescaped character in value: " + c);
      }
      result.append(c);
    }
    return result.toString();
  }

  /** Whether an object with these fields is selected; a field that is missing counts as empty. */
  public boolean matches(Map<String, String> fields) {
    for (Term term : terms) {
      if (!term.matches(fields)) {
        return false;
      }
    }
    return true;
  }

  /** Whether every object is selected. */
  public boolean everything() {
    return terms.isEmpty();
  }

  /** As it stands in a {@code fieldSelector} parameter. */
  @Override
  public String toString() {
    return terms.stream().map(Term::toString).collect(Collectors.joining(","));
  }
}
