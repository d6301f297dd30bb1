package dev.coxswain.api.selector;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One condition on labels.
 *
 * @param key the label's name
 * @param operator how it is compared
 * @param values what it is compared with, sorted; empty for {@link Operator#EXISTS} and {@link
 *     Operator#DOES_NOT_EXIST}
 */
public record Requirement(String key, Operator operator, List<String> values) {

  /** How a label is compared. */
  public enum Operator {
    EQUALS,
    NOT_EQUALS,
    IN,
    NOT_IN,
    EXISTS,
    DOES_NOT_EXIST,
    GREATER_THAN,
    LESS_THAN
  }

  /** Keeps the values sorted, so that equal conditions are equal. */
  public Requirement {
    values = values.stream().sorted().distinct().toList();
  }

  /** Whether the labels satisfy it. */
  public boolean matches(Map<String, String> labels) {
    return matchesValue(labels.get(key));
  }

  /** Whether a label's value, null where it is not set, satisfies it. */
  public boolean matchesValue(@Nullable String value) {
    return switch (operator) {
      case EQUALS, IN -> value != null && values.contains(value);
      case NOT_EQUALS, NOT_IN -> value == null || !values.contains(value);
      case EXISTS -> value != null;
      case DOES_NOT_EXIST -> value == null;
      case GREATER_THAN -> value != null && compare(value) > 0;
      case LESS_THAN -> value != null && compare(value) < 0;
    };
  }

  private int compare(String value) {
    try {
      return Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst()));
    } catch (NumberFormatException notNumber) {
      return 0;
    }
  }

  /** As it stands in a {@code labelSelector} parameter. */
  @Override
  public String toString() {
    return switch (operator) {
      case EQUALS -> key + "=" + values.getFirst();
      case NOT_EQUALS -> key + "!=" + values.getFirst();
      case IN -> key + " in (" + String.join(",", values) + ")";
      case NOT_IN -> key + " notin (" + String.join(",", values) + ")";
      case EXISTS -> key;
      case DOES_NOT_EXIST -> "!" + key;
      case GREATER_THAN -> key + ">" + values.getFirst();
      case LESS_THAN -> key + "<" + values.getFirst();
    };
  }
}
