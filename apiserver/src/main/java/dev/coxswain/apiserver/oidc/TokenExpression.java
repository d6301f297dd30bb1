package dev.coxswain.apiserver.oidc;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.coxswain.apiserver.cel.Environment;
import dev.coxswain.apiserver.cel.Expression;
import dev.coxswain.apiserver.cel.JsonValues;
import dev.coxswain.apiserver.cel.MalformedExpressionException;
import dev.coxswain.apiserver.cel.RequestTypes;
import dev.coxswain.apiserver.cel.ValueType;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** An expression about the {@code claims} of a token, or about the {@code user} that it makes. */
final class TokenExpression {
  private final String text;
  private final Scope scope;
  private final Expression compiled;

  /** What an expression is about. */
  @SuppressWarnings("ImmutableEnumChecker") // nothing changes types and environments
  enum Scope {
    CLAIMS(
        "claims",
        MapType.create(SimpleType.STRING, SimpleType.DYN),
        ValueType.dynamic(0),
        List.of()),
    USER("user", RequestTypes.USER.type(), RequestTypes.USER, List.of(RequestTypes.USER));

    private final String variable;
    private final ValueType type;

    private final Environment environment;

    Scope(String variable, CelType declared, ValueType type, List<ValueType> objects) {
      this.variable = variable;
      this.type = type;
      this.environment = Environment.of(Map.of(variable, declared), objects);
    }
  }

  private TokenExpression(String text, Scope scope, Expression compiled) {
    this.text = text;
    this.scope = scope;
    this.compiled = compiled;
  }

  /** One that makes any value. */
  static TokenExpression of(String text, Scope scope) throws MalformedExpressionException {
    return new TokenExpression(text, scope, scope.environment.compile(text));
  }

  String text() {
    return text;
  }

  /** Whether it makes {@code true} or {@code false}, whatever it is given. */
  boolean decides() {
    return compiled.type().equals(SimpleType.BOOL);
  }

  /** Whether it looks at a field, such as {@code claims.email}. */
  boolean looksAt(String field) {
    return compiled.selects(scope.variable, field);
  }

  /**
   * Its value.
   *
   * @throws dev.coxswain.api.status.ApiException where there is none
   */
  Object evaluate(JsonNode value) {
    return switch (compiled.evaluate(Map.of(scope.variable, JsonValues.of(value, scope.type)))) {
      case Expression.Outcome.Value made -> made.value();
      case Expression.Outcome.Failure failure ->
          throw Refusals.refused(
              "expression '" + text + "' resulted in error: " + failure.message());
    };
  }

  /** Its value as a text. */
  String evaluateText(JsonNode value) {
    if (evaluate(value) instanceof String made) {
      return made;
    }
    throw Refusals.refused("expression '" + text + "' must return a string");
  }

  /** Its value as texts: one, several, or none; empty ones are left out. */
  List<String> evaluateTexts(JsonNode value) {
    Object made = evaluate(value);
    if (made instanceof NullValue) {
      return List.of();
    }
    List<?> parts = made instanceof List<?> list ? list : List.of(made);
    return parts.stream().map(this::element).filter(part -> !part.isEmpty()).toList();
  }

  private String element(Object value) {
    if (value instanceof String made) {
      return made;
    }
    throw Refusals.refused("expression '" + text + "' must return a string or a list of strings");
  }
}
