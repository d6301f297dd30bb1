package dev.coxswain.controllers.object;

import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import dev.coxswain.api.selector.Requirement.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Label selectors as workloads carry them. */
public final class Selectors {
  private Selectors() {}

  /**
   * The selector of a workload's field. A missing one selects nothing, an empty one everything, and
   * one that cannot be understood nothing: validation lets none in.
   */
  public static LabelSelector of(io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector) {
    if (selector == null) {
      return LabelSelector.NOTHING;
    }
    var requirements = new ArrayList<Requirement>();
    Meta.map(selector.getMatchLabels())
        .forEach((label, value) ->
            requirements.add(new Requirement(label, Operator.EQUALS, List.of(value))));
    for (var expression : Meta.list(selector.getMatchExpressions())) {
      Operator operator;
      switch (expression.getOperator()) {
        case "In" -> operator = Operator.IN;
        case "NotIn" -> operator = Operator.NOT_IN;
        case "Exists" -> operator = Operator.EXISTS;
        case "DoesNotExist" -> operator = Operator.DOES_NOT_EXIST;
        default -> {
          return LabelSelector.NOTHING;
        }
      }
      requirements.add(
          new Requirement(expression.getKey(), operator, Meta.list(expression.getValues())));
    }
    return new LabelSelector(requirements, false);
  }

  /** Whether the selector of a workload's field selects these labels. */
  public static boolean matches(
      io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector,
      Map<String, String> labels) {
    return of(selector).matches(labels);
  }

  /** Whether the labels hold every wanted pair. */
  public static boolean contains(Map<String, String> labels, Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(pair -> pair.getValue().equals(labels.get(pair.getKey())));
  }
}
