package dev.coxswain.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelErrorCode;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A compiled expression. Immutable; evaluated by many threads. */
public final class Expression {
  /** The most that one evaluation may cost. */
  public static final long CALL_LIMIT = 1_000_000;

  private static final Pattern PLACE = Pattern.compile("^evaluation error( at \\S+)?: ");
  private static final Pattern KEY = Pattern.compile("^key '(.*)' is not present in map\\.$");

  private final CelAbstractSyntaxTree tree;
  private final CelRuntime.Program program;

  Expression(CelAbstractSyntaxTree tree, CelRuntime.Program program) {
    this.tree = tree;
    this.program = program;
  }

  /** The type of its value. */
  public CelType type() {
    return tree.getResultType();
  }

  /** Whether it names a variable. */
  public boolean uses(String variable) {
    return tree.getReferenceMap().values().stream()
        .anyMatch(reference -> reference.name().equals(variable));
  }

  /** Whether it looks at a field of a variable: {@code claims.email}, {@code claims.?email}. */
  public boolean selects(String variable, String field) {
    return CelNavigableAst.fromAst(tree)
        .getRoot()
        .allNodes()
        .anyMatch(node -> selects(node.expr(), variable, field));
  }

  private static boolean selects(CelExpr part, String variable, String field) {
    return switch (part.getKind()) {
      case SELECT ->
          part.select().field().equals(field) && names(part.select().operand(), variable);
      case CALL ->
          part.call().function().equals(Operator.OPTIONAL_SELECT.getFunction())
              && names(part.call().args().getFirst(), variable)
              && part.call()
                  .args()
                  .getLast()
                  .constantOrDefault()
                  .equals(CelConstant.ofValue(field));
      default -> false;
    };
  }

  private static boolean names(CelExpr part, String variable) {
    return part.identOrDefault().name().equals(variable);
  }

  /**
   * The most that an evaluation can cost.
   *
   * @param root the type of {@code self} and {@code oldSelf}
   */
  public long estimate(ValueType root) {
    return new CostEstimator(tree, root).estimate();
  }

  /** How an evaluation ended. */
  public sealed interface Outcome {
    /** What it cost. */
    long cost();

    /** There is a value. */
    record Value(Object value, long cost) implements Outcome {}

    /**
     * There is none.
     *
     * @param message why, in upstream's words
     * @param tooCostly whether it was given up at the limit
     */
    record Failure(String message, boolean tooCostly, long cost) implements Outcome {}
  }

  /** Evaluates it. Nothing is thrown for what is wrong with the variables' values. */
  public Outcome evaluate(Map<String, ?> variables) {
    CostMeter meter = new CostMeter(CALL_LIMIT);
    Object value = null;
    String failure = "";
    try {
      value = program.trace(variables, meter);
    } catch (CelEvaluationException e) {
      failure = message(e.getErrorCode(), e.getMessage());
    }
    if (meter.exceeded()) {
      return new Outcome.Failure(
          "operation cancelled: actual cost limit exceeded", true, meter.cost());
    }
    return value == null
        ? new Outcome.Failure(failure, false, meter.cost())
        : new Outcome.Value(value, meter.cost());
  }

  private static String message(CelErrorCode code, @Nullable String text) {
    String rest = PLACE.matcher(text == null ? "" : text).replaceFirst("");
    return switch (code) {
      case ATTRIBUTE_NOT_FOUND -> KEY.matcher(rest).replaceFirst("no such key: $1");
      case INDEX_OUT_OF_BOUNDS -> rest.replaceFirst("^Index", "index");
      case DIVIDE_BY_ZERO -> "division by zero";
      case NUMERIC_OVERFLOW -> "integer overflow";
      case OVERLOAD_NOT_FOUND -> "no such overload";
      default -> rest;
    };
  }
}
