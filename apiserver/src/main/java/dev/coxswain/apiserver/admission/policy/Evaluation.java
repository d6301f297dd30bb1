package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.coxswain.apiserver.cel.Expression;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates expressions that share variables and a budget. A variable is evaluated when an
 * expression first looks at it. For one request and one thread.
 */
final class Evaluation {
  /** What the expressions of a policy may cost for one request and parameter object. */
  static final long BUDGET = 10_000_000;

  /** What match conditions may cost. */
  static final long CONDITIONS_BUDGET = 2_500_000;

  private static final String EXHAUSTED =
      "validation failed due to running out of cost budget, no further validation rules will be"
          + " run";

  private final Map<String, Object> values;
  private long budget;

  Evaluation(Map<String, Object> values, List<Compiled> variables, long budget) {
    this.values = new HashMap<>(values);
    this.values.put("variables", new Variables(variables));
    this.budget = budget;
  }

  /** The request has changed: expressions see these values from now on, variables stay known. */
  void show(Map<String, Object> now) {
    Object variables = values.get("variables");
    values.putAll(now);
    values.put("variables", Objects.requireNonNull(variables));
  }

  /**
   * What came of an expression.
   *
   * @param value null where nothing did
   * @param error why not; empty where something did
   */
  record Answer(@Nullable Object value, String error) {
    boolean failed() {
      return value == null;
    }
  }

  /** Whether expressions may still be evaluated. */
  boolean exhausted() {
    return budget < 0;
  }

  Answer of(Compiled compiled) {
    Expression expression = compiled.expression();
    if (expression == null) {
      return new Answer(null, "compilation error: " + compiled.error());
    }
    if (exhausted()) {
      return new Answer(null, EXHAUSTED);
    }
    Expression.Outcome outcome = expression.evaluate(values);
    budget -= outcome.cost();
    if (exhausted()) {
      return new Answer(null, EXHAUSTED);
    }
    return switch (outcome) {
      case Expression.Outcome.Value value -> new Answer(value.value(), "");
      case Expression.Outcome.Failure failure ->
          new Answer(
              null, "expression '" + compiled.text() + "' resulted in error: " + failure.message());
    };
  }

  /** The variables, each with its value as soon as it is asked for. */
  private final class Variables extends AbstractMap<String, Object> {
    private final Map<String, Compiled> compiled;
    private final Map<String, Object> known = new HashMap<>();

    Variables(List<Compiled> variables) {
      this.compiled =
          variables.stream().collect(Collectors.toMap(Compiled::name, v -> v, (a, _) -> a));
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
      return compiled.containsKey(name);
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
      Compiled variable = compiled.get(name);
      if (variable == null) {
        return null;
      }
      Object value = known.get(variable.name());
      if (value == null) {
        value = evaluate(variable);
        known.put(variable.name(), value);
      }
      return value;
    }

    private Object evaluate(Compiled variable) {
      Expression expression = variable.expression();
      if (expression == null) {
        throw failed(variable, "compile: " + variable.error());
      }
      Expression.Outcome outcome = expression.evaluate(values);
      budget -= outcome.cost();
      return switch (outcome) {
        case Expression.Outcome.Value value -> value.value();
        case Expression.Outcome.Failure failure ->
            throw failed(variable, "evaluate: " + failure.message());
      };
    }

    private static CelInvalidArgumentException failed(Compiled variable, String problem) {
      return new CelInvalidArgumentException(
          "composited variable \"" + variable.name() + "\" fails to " + problem);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      return known.entrySet();
    }
  }
}
