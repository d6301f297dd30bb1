package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How upstream's messages show a selector, which is what people search for. */
final class GoText {
  private GoText() {}

  static String of(@Nullable LabelSelector selector) {
    if (selector == null) {
      return "nil";
    }
    String labels =
        new TreeMap<>(Meta.map(selector.getMatchLabels()))
            .entrySet().stream()
                .map(label -> label.getKey() + ": " + label.getValue() + ",")
                .collect(Collectors.joining());
    String expressions =
        Meta.list(selector.getMatchExpressions()).stream()
            .map(expression ->
                "LabelSelectorRequirement{Key:"
                    + expression.getKey()
                    + ",Operator:"
                    + expression.getOperator()
                    + ",Values:["
                    + String.join(" ", Meta.list(expression.getValues()))
                    + "],},")
            .collect(Collectors.joining());
    return "&LabelSelector{MatchLabels:map[string]string{"
        + labels
        + "},MatchExpressions:[]LabelSelectorRequirement{"
        + expressions
        + "},}";
  }
}
