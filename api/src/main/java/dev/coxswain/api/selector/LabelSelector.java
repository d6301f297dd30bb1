package dev.coxswain.api.selector;

import dev.coxswain.api.selector.Requirement.Operator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A conjunction of conditions on labels.
 *
 * @param requirements the conditions; none selects everything
 * @param nothing whether nothing is selected, whatever the conditions
 */
public record LabelSelector(List<Requirement> requirements, boolean nothing) {
  /** Selects every object. */
  public static final LabelSelector EVERYTHING = new LabelSelector(List.of(), false);

  /** Selects no object. */
  public static final LabelSelector NOTHING = new LabelSelector(List.of(), true);

  public LabelSelector {
    requirements = List.copyOf(requirements);
  }

  /**
   * Parses the {@code labelSelector} parameter: {@code a=b,c!=d,e in (f,g),h notin (i),j,!k}.
   *
   * @throws IllegalArgumentException with what is wrong and where
   */
  public static LabelSelector parse(String text) {
    return text.isBlank()
        ? EVERYTHING
        : new LabelSelector(new LabelSelectorParser(text).parse(), false);
  }

  /**
   * Reads a {@code LabelSelector} object with {@code matchLabels} and {@code matchExpressions}. A
   * missing or null selector selects nothing, an empty one everything.
   *
   * @throws IllegalArgumentException where an expression's operator or values are wrong
   */
  public static LabelSelector of(JsonNode selector) {
    if (!selector.isObject()) {
      return NOTHING;
    }
    List<Requirement> requirements = new ArrayList<>();
    for (Map.Entry<String, JsonNode> label : selector.path("matchLabels").properties()) {
      requirements.add(
          new Requirement(label.getKey(), Operator.EQUALS, List.of(label.getValue().asString(""))));
    }
    for (JsonNode expression : selector.path("matchExpressions")) {
      requirements.add(requirement(expression));
    }
    requirements.sort(Comparator.comparing(Requirement::key));
    return new LabelSelector(requirements, false);
  }

  /** Selects the objects that carry all of these labels; none of them selects everything. */
  public static LabelSelector ofLabels(Map<String, String> labels) {
    return new LabelSelector(
        labels.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(label ->
                new Requirement(label.getKey(), Operator.EQUALS, List.of(label.getValue())))
            .toList(),
        false);
  }

  private static Requirement requirement(JsonNode expression) {
    String key = expression.path("key").asString("");
    List<String> values = new ArrayList<>();
    expression.path("values").forEach(value -> values.add(value.asString("")));
    String name = expression.path("operator").asString("");
    Operator operator =
        switch (name) {
          case "In" -> Operator.IN;
          case "NotIn" -> Operator.NOT_IN;
          case "Exists" -> Operator.EXISTS;
          case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
          default ->
              throw new IllegalArgumentException(
                  "\"" + name + "\" is not a valid label selector operator");
        };
    boolean wantsValues = operator == Operator.IN || operator == Operator.NOT_IN;
    if (wantsValues && values.isEmpty()) {
      throw new IllegalArgumentException("for 'in', 'notin' operators, values set can't be empty");
    }
    if (!wantsValues && !values.isEmpty()) {
      throw new IllegalArgumentException("values set must be empty for exists and does not exist");
    }
    return new Requirement(key, operator, values);
  }

  /** Whether an object with these labels is selected. */
  public boolean matches(Map<String, String> labels) {
    if (nothing) {
      return false;
    }
    for (Requirement requirement : requirements) {
      if (!requirement.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  /** Whether an object whose {@code metadata.labels} is this node is selected. */
  public boolean matchesNode(JsonNode labels) {
    if (nothing) {
      return false;
    }
    for (Requirement requirement : requirements) {
      JsonNode value = labels.path(requirement.key());
      if (!requirement.matchesValue(value.isString() ? value.asString() : null)) {
        return false;
      }
    }
    return true;
  }

  /** Whether every object is selected. */
  public boolean everything() {
    return !nothing && requirements.isEmpty();
  }

  /** As it stands in a {@code labelSelector} parameter, a Table or a Scale's status. */
  @Override
  public String toString() {
    return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
  }
}
