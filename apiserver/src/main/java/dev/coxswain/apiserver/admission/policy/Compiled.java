package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.Environment;
import dev.coxswain.apiserver.cel.Expression;
import dev.coxswain.apiserver.cel.MalformedExpressionException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An expression of a policy. One that does not compile is kept, because what it would have said is
 * then an error of its own.
 *
 * @param name what it is called, where it has a name
 * @param text as it was given
 * @param expression null where it does not compile
 * @param error why not; empty where it does
 */
public record Compiled(String name, String text, @Nullable Expression expression, String error) {
  private static final List<CelType> CONDITION = List.of(SimpleType.BOOL);
  private static final List<CelType> MESSAGE = List.of(SimpleType.STRING);
  private static final List<CelType> ANNOTATION =
      List.of(SimpleType.STRING, SimpleType.NULL_TYPE, SimpleType.DYN);

  static Compiled condition(Environment environment, String name, String text) {
    return of(environment, name, text, CONDITION);
  }

  static Compiled message(Environment environment, String text) {
    return of(environment, "", text, MESSAGE);
  }

  static Compiled annotation(Environment environment, String key, String text) {
    return of(environment, key, text, ANNOTATION);
  }

  static Compiled variable(Environment environment, String name, String text) {
    return of(environment, name, text, List.of());
  }

  /** Whether it compiled and gives what is wanted; no types at all want anything. */
  private static Compiled of(
      Environment environment, String name, String text, List<CelType> wanted) {
    try {
      Expression expression = environment.compile(text);
      if (wanted.isEmpty() || wanted.contains(expression.type())) {
        return new Compiled(name, text, expression, "");
      }
      String types =
          wanted.size() == 1
              ? wanted.getFirst().name()
              : wanted.stream()
                  .map(CelType::name)
                  .collect(Collectors.joining(" ", "one of [", "]"));
      return new Compiled(
          name, text, null, "must evaluate to " + types + " but got " + expression.type().name());
    } catch (MalformedExpressionException e) {
      return new Compiled(name, text, null, "compilation failed: " + e.getMessage());
    }
  }
}
