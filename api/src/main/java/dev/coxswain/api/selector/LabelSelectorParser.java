package dev.coxswain.api.selector;

import dev.coxswain.api.meta.Names;
import dev.coxswain.api.selector.Requirement.Operator;
import java.util.ArrayList;
import java.util.List;

/** Parses the text form of a label selector by recursive descent. */
final class LabelSelectorParser {
  private static final String SPECIAL = "=!(),<>";

  private final String text;
  private int position;

  LabelSelectorParser(String text) {
    this.text = text;
  }

  List<Requirement> parse() {
    List<Requirement> requirements = new ArrayList<>();
    while (true) {
      requirements.add(requirement());
      String next = next();
      if (next.isEmpty()) {
        return requirements;
      }
      if (!next.equals(",")) {
        throw new IllegalArgumentException(
            "found '" + next + "', expected: ',' or 'end of string'");
      }
    }
  }

  private Requirement requirement() {
    String first = next();
    if (first.equals("!")) {
      return new Requirement(key(next()), Operator.DOES_NOT_EXIST, List.of());
    }
    String key = key(first);
    int start = position;
    String operator = next();
    return switch (operator) {
      case "", "," -> {
        position = start;
        yield new Requirement(key, Operator.EXISTS, List.of());
      }
      case "=", "==" -> new Requirement(key, Operator.EQUALS, List.of(value()));
      case "!=" -> new Requirement(key, Operator.NOT_EQUALS, List.of(value()));
      case "in" -> new Requirement(key, Operator.IN, values());
      case "notin" -> new Requirement(key, Operator.NOT_IN, values());
      case ">" -> new Requirement(key, Operator.GREATER_THAN, List.of(integer()));
      case "<" -> new Requirement(key, Operator.LESS_THAN, List.of(integer()));
      default ->
          throw new IllegalArgumentException(
              "found '" + operator + "', expected: in, notin, =, ==, !=, gt, lt");
    };
  }

  private static String key(String token) {
    if (token.isEmpty() || isSpecial(token)) {
      throw new IllegalArgumentException("found '" + token + "', expected: !, identifier");
    }
    Names.qualifiedName(token)
        .ifPresent(problem -> {
          throw new IllegalArgumentException("key: Invalid value: \"" + token + "\": " + problem);
        });
    return token;
  }

  private String value() {
    int start = position;
    String token = next();
    if (token.isEmpty() || token.equals(",")) {
      position = start;
      return "";
    }
    if (isSpecial(token)) {
      throw new IllegalArgumentException("found '" + token + "', expected: identifier");
    }
    return checked(token);
  }

  private String integer() {
    String token = value();
    try {
      return Long.toString(Long.parseLong(token));
    } catch (NumberFormatException notNumber) {
      throw new IllegalArgumentException(
          "values[0]: Invalid value: \""
              + token
              + "\": for 'Gt', 'Lt' operators, the value must be an integer",
          notNumber);
    }
  }

  private List<String> values() {
    String open = next();
    if (!open.equals("(")) {
      throw new IllegalArgumentException("found '" + open + "' expected: '('");
    }
    List<String> values = new ArrayList<>();
    values.add(value());
    while (true) {
      String separator = next();
      if (separator.equals(")")) {
        return values;
      }
      if (!separator.equals(",")) {
        throw new IllegalArgumentException("found '" + separator + "', expected: ',' or ')'");
      }
      values.add(closes() ? "" : value());
    }
  }

  private boolean closes() {
    int start = position;
    boolean closes = next().equals(")");
    position = start;
    return closes;
  }

  private static String checked(String value) {
    Names.labelValue(value)
        .ifPresent(problem -> {
          throw new IllegalArgumentException(
              "values[0]: Invalid value: \"" + value + "\": " + problem);
        });
    return value;
  }

  private static boolean isSpecial(String token) {
    return SPECIAL.indexOf(token.charAt(0)) >= 0;
  }

  /** The next token; empty at the end. */
  private String next() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    if (position == text.length()) {
      return "";
    }
    int start = position;
    char first = text.charAt(position++);
    if (SPECIAL.indexOf(first) >= 0) {
      boolean pair =
          (first == '=' || first == '!')
              && position < text.length()
              && text.charAt(position) == '=';
      if (pair) {
        position++;
      }
      return text.substring(start, position);
    }
    while (position < text.length()
        && !Character.isWhitespace(text.charAt(position))
        && SPECIAL.indexOf(text.charAt(position)) < 0) {
      position++;
    }
    return text.substring(start, position);
  }
}
