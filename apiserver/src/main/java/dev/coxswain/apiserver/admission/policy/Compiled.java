package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.types.CelTypes;
import dev.cel.common.types.ListType;
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
  private static final List<String> CONDITION = List.of("bool");
  private static final List<String> MESSAGE = List.of("string");
  private static final List<String> ANNOTATION = List.of("string", "null_type", "dyn");
  private static final List<String> CONFIGURATION = List.of("Object");
  private static final List<String> PATCH = List.of("list(JSONPatch)");

  static Compiled condition(Environment environment, String name, String text) {
    return of(environment, name, text, CONDITION);
  }

  static Compiled message(Environment environment, String text) {
    return of(environment, "", text, MESSAGE);
  }

  static Compiled annotation(Environment environment, String key, String text) {
    return of(environment, key, text, ANNOTATION);
  }

  /** What makes the fields that are merged into an object. */
  static Compiled configuration(Environment environment, String text) {
    return of(environment.constructing(), "", text, CONFIGURATION);
  }

  /** What makes a JSON patch. */
  static Compiled patch(Environment environment, String text) {
    return of(environment.constructing(), "", text, PATCH);
  }

  static Compiled variable(Environment environment, String name, String text) {
    return of(environment, name, text, List.of());
  }

  /** Whether it compiled and gives what is wanted; no types at all want anything. */
  private static Compiled of(
      Environment environment, String name, String text, List<String> wanted) {
    try {
      Expression expression = environment.compile(text);
      String type =
          expression.type() instanceof ListType list
              ? CelTypes.format(list)
              : expression.type().name();
      if (wanted.isEmpty() || wanted.contains(type)) {
        return new Compiled(name, text, expression, "");
      }
      String types =
          wanted.size() == 1
              ? wanted.getFirst()
              : wanted.stream().collect(Collectors.joining(" ", "one of [", "]"));
      return new Compiled(name, text, null, "must evaluate to " + types + " but got " + type);
    } catch (MalformedExpressionException e) {
      return new Compiled(name, text, null, "compilation failed: " + e.getMessage());
    }
  }
}
