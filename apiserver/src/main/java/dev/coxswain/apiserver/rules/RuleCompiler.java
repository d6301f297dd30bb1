package dev.coxswain.apiserver.rules;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.Environment;
import dev.coxswain.apiserver.cel.Expression;
import dev.coxswain.apiserver.cel.MalformedExpressionException;
import dev.coxswain.apiserver.cel.PropertyNames;
import dev.coxswain.apiserver.cel.SchemaTypes;
import dev.coxswain.apiserver.cel.ValueType;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Compiles the rules that stand at one place of a schema. */
public final class RuleCompiler {
  private final ValueType type;
  private final Environment plain;
  private @Nullable Environment optional;

  private RuleCompiler(ValueType type) {
    this.type = type;
    this.plain = environment(type.type());
  }

  private Environment environment(CelType old) {
    return Environment.of(Map.of("self", type.type(), "oldSelf", old), List.of(type));
  }

  /** Whether rules stand here. */
  public static boolean any(StructuralSchema schema) {
    return !schema.source().path("x-kubernetes-validations").isEmpty();
  }

  /** The rules at one place, in order. */
  public static List<CompiledRule> compile(StructuralSchema schema, ValueType type) {
    List<CompiledRule> rules = new ArrayList<>();
    RuleCompiler compiler = new RuleCompiler(type);
    for (JsonNode rule : schema.source().path("x-kubernetes-validations")) {
      rules.add(compiler.compile(Rule.of(rule)));
    }
    return rules;
  }

  private CompiledRule compile(Rule rule) {
    Expression expression;
    try {
      expression = environment(rule).compile(rule.text());
    } catch (MalformedExpressionException e) {
      return failed(rule, "compilation failed: " + e.getMessage());
    }
    if (!expression.type().equals(SimpleType.BOOL)) {
      return failed(rule, "cel expression must evaluate to a bool");
    }
    Expression message = null;
    String error = "";
    if (!rule.messageExpression().isEmpty()) {
      try {
        message = environment(rule).compile(rule.messageExpression());
        if (!message.type().equals(SimpleType.STRING)) {
          message = null;
          error = "messageExpression must evaluate to a string";
        }
      } catch (MalformedExpressionException e) {
        error = "messageExpression compilation failed: " + e.getMessage();
      }
    }
    return new CompiledRule(rule, expression, "", message, error, expression.uses("oldSelf"));
  }

  private static CompiledRule failed(Rule rule, String error) {
    return new CompiledRule(rule, null, error, null, "", false);
  }

  private Environment environment(Rule rule) {
    if (!rule.optionalOldSelf()) {
      return plain;
    }
    if (optional == null) {
      optional = environment(OptionalType.create(type.type()));
    }
    return optional;
  }

  /**
   * What rules on a property see; null where they see nothing. A property that rules further up
   * cannot name is seen by its own.
   */
  public static @Nullable ValueType property(
      @Nullable ValueType type, String name, StructuralSchema child) {
    if (type == null) {
      return null;
    }
    String escaped = PropertyNames.escape(name).orElse("");
    ValueType.Field field = type.fields().get(escaped);
    if (field != null) {
      return field.type();
    }
    return escaped.isEmpty()
        ? SchemaTypes.of(child, type.type().name() + ".@field", child.embedded())
        : null;
  }
}
