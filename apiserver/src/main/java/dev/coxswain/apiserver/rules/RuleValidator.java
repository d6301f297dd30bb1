package dev.coxswain.apiserver.rules;

import dev.cel.common.exceptions.CelRuntimeException;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.cel.Expression;
import dev.coxswain.apiserver.cel.Expression.Outcome;
import dev.coxswain.apiserver.cel.JsonValues;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.structural.ListKeys;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks the rules of a schema of one object. What did not change is forgiven, so that a rule that
 * was added later does not lock objects that were made before it; rules about changes are always
 * asked. One for each object, since all its rules share one budget.
 */
final class RuleValidator {
  /** What all the rules of an object may cost together. */
  private static final long BUDGET = 10_000_000;

  private static final int LONGEST_MESSAGE = 5 * 1024;

  private final List<FieldError> errors = new ArrayList<>();
  private long budget = BUDGET;

  /** Thrown when no further rule is asked, for which the reason is among the errors. */
  private static final class EndedException extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * A value on its way down.
   *
   * @param old what stood here before; null where nothing comparable did
   * @param unchanged whether this, or what is around it, is as it was
   */
  private record Place(
      RuleNode node, JsonNode value, @Nullable JsonNode old, boolean unchanged, String path) {

    Place child(RuleNode node, JsonNode value, @Nullable JsonNode old, String path) {
      return new Place(node, value, old, unchanged || (old != null && Json.same(value, old)), path);
    }

    String shownPath() {
      return path.isEmpty() ? "<nil>" : path;
    }
  }

  static List<FieldError> validate(RuleNode root, ObjectNode object, @Nullable ObjectNode old) {
    RuleValidator validator = new RuleValidator();
    validator.begin(new Place(root, object, old, old != null && Json.same(object, old), ""));
    return validator.errors;
  }

  /** Asks about a default, which must be good where it stays and where it is new. */
  void ofDefault(RuleNode root, JsonNode value, String path) {
    int before = errors.size();
    if (budget <= 0) {
      return;
    }
    long had = budget;
    begin(new Place(root, value, value, false, path));
    if (errors.size() == before) {
      // What is asked twice is counted once, as upstream does.
      long left = budget;
      budget = had;
      begin(new Place(root, value, null, false, path));
      budget = Math.min(budget, left);
    }
  }

  /** What was found so far. */
  List<FieldError> errors() {
    return errors;
  }

  private void begin(Place place) {
    try {
      walk(place);
    } catch (EndedException e) {
      // The last error says why.
      budget = 0;
    }
  }

  private void walk(Place place) throws EndedException {
    if (place.value().isNull()) {
      return;
    }
    rules(place);
    RuleNode node = place.node();
    JsonNode old = place.old();
    if (place.value() instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        String name = entry.getKey();
        JsonNode before = old == null ? null : old.get(name);
        RuleNode property = node.properties().get(name);
        if (node.additional() != null) {
          String path = place.path() + "[" + name + "]";
          walk(place.child(node.additional(), entry.getValue(), before, path));
        } else if (property != null) {
          String path = place.path().isEmpty() ? name : place.path() + "." + name;
          walk(place.child(property, entry.getValue(), before, path));
        }
      }
    } else if (place.value().isArray() && node.items() != null) {
      elements(place, node.items(), node.schema(), old);
    }
  }

  private void elements(
      Place place, RuleNode items, StructuralSchema schema, @Nullable JsonNode old)
      throws EndedException {
    int index = 0;
    for (JsonNode element : place.value()) {
      JsonNode before = old == null ? null : ListKeys.counterpart(schema, element, old);
      walk(place.child(items, element, before, place.path() + "[" + index++ + "]"));
    }
  }

  private void rules(Place place) throws EndedException {
    if (place.node().rules().isEmpty()) {
      return;
    }
    String type = place.node().schema().typeName();
    if (budget <= 0) {
      throw ended(
          FieldError.invalid(
              place.shownPath(),
              type,
              "validation failed due to running out of cost budget, no further validation rules"
                  + " will be run"));
    }
    Map<String, Object> plain = new HashMap<>();
    Map<String, Object> optional = new HashMap<>();
    try {
      plain.put("self", JsonValues.of(place.value(), place.node().type()));
      optional.putAll(plain);
      JsonNode old = place.old();
      if (old != null && !old.isNull()) {
        plain.put("oldSelf", JsonValues.of(old, place.node().type()));
      }
      optional.put("oldSelf", Optional.ofNullable(plain.get("oldSelf")));
    } catch (CelRuntimeException e) {
      errors.add(FieldError.invalid(place.shownPath(), type, String.valueOf(e.getMessage())));
      return;
    }
    for (CompiledRule rule : place.node().rules()) {
      boolean asked = !rule.usesOldSelf() || rule.rule().optionalOldSelf();
      if (asked || plain.containsKey("oldSelf")) {
        rule(rule, place, rule.rule().optionalOldSelf() ? optional : plain);
      }
    }
  }

  private void rule(CompiledRule compiled, Place place, Map<String, Object> variables)
      throws EndedException {
    Rule rule = compiled.rule();
    String path = place.shownPath();
    String type = place.node().schema().typeName();
    Expression expression = compiled.expression();
    if (expression == null) {
      errors.add(FieldError.invalid(path, type, "rule compile error: " + compiled.error()));
      return;
    }
    Outcome outcome = expression.evaluate(variables);
    if (outcome.cost() > budget) {
      throw ended(
          FieldError.invalid(
              path,
              type,
              "validation failed due to running out of cost budget, no further validation rules"
                  + " will be run"));
    }
    budget -= outcome.cost();
    switch (outcome) {
      case Outcome.Failure failure when failure.tooCostly() ->
          throw ended(
              FieldError.invalid(
                  path,
                  type,
                  "'"
                      + failure.message()
                      + "': no further validation rules will be run due to call cost exceeds limit"
                      + " for rule: "
                      + rule.label()));
      case Outcome.Failure failure ->
          errors.add(FieldError.invalid(path, type, failed(failure.message(), rule)));
      case Outcome.Value value -> {
        boolean forgiven = place.unchanged() && !compiled.usesOldSelf();
        if (!Boolean.TRUE.equals(value.value()) && !forgiven) {
          violated(compiled, place, variables);
        }
      }
    }
  }

  private static String failed(String problem, Rule rule) {
    return problem.startsWith("no such overload")
        ? "'"
            + problem
            + "': call arguments did not match a supported operator, function or macro signature"
            + " for rule: "
            + rule.label()
        : problem + " evaluating rule: " + rule.label();
  }

  private void violated(CompiledRule compiled, Place place, Map<String, Object> variables)
      throws EndedException {
    Rule rule = compiled.rule();
    String path = place.path();
    String below = FieldPaths.normalize(rule.fieldPath(), place.node().schema()).orElse("");
    if (!below.isEmpty()) {
      path = path.isEmpty() ? below : path + "." + below;
    }
    path = path.isEmpty() ? "<nil>" : path;
    String type = place.node().schema().typeName();
    Expression expression = compiled.message();
    String detail = rule.complaint();
    if (expression != null) {
      Outcome outcome = expression.evaluate(variables);
      if (outcome.cost() > budget) {
        throw ended(
            FieldError.invalid(
                path,
                type,
                "messageExpression evaluation failed due to running out of cost budget, no further"
                    + " validation rules will be run"));
      }
      budget -= outcome.cost();
      if (outcome instanceof Outcome.Failure failure && failure.tooCostly()) {
        throw ended(
            FieldError.invalid(
                path,
                type,
                "no further validation rules will be run due to call cost exceeds limit for"
                    + " messageExpression: \""
                    + rule.messageExpression()
                    + "\""));
      }
      String made = outcome instanceof Outcome.Value value ? value.value().toString().strip() : "";
      boolean usable =
          !made.isEmpty() && made.length() <= LONGEST_MESSAGE && made.indexOf('\n') < 0;
      detail = usable ? made : detail;
    }
    errors.add(rule.violation(path, type, detail));
  }

  private EndedException ended(FieldError reason) {
    errors.add(reason);
    return new EndedException();
  }
}
