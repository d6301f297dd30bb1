package dev.coxswain.apiserver.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * Regular expressions that clients write: RE2's, so that none backtracks, and with bounds on what a
 * short one may become.
 */
public final class Patterns {
  /** Longest expression, in characters. */
  static final int MAXIMUM_LENGTH = 10_000;

  /** Deepest nesting, in groups: upstream's. */
  static final int MAXIMUM_DEPTH = 1000;

  /** Most instructions that an expression is compiled to; a repetition counts for each time. */
  static final int MAXIMUM_SIZE = 20_000;

  private Patterns() {}

  /**
   * Compiles an expression.
   *
   * @throws PatternSyntaxException where it is none, or beyond the bounds
   */
  public static Pattern compile(String expression) {
    if (expression.length() > MAXIMUM_LENGTH) {
      throw new PatternSyntaxException(
          "expression too large", expression.substring(0, MAXIMUM_DEPTH) + "…");
    }
    if (depth(expression) > MAXIMUM_DEPTH) {
      throw new PatternSyntaxException("expression nests too deeply", expression);
    }
    Pattern compiled = Pattern.compile(expression);
    if (compiled.programSize() > MAXIMUM_SIZE) {
      throw new PatternSyntaxException("expression too large", expression);
    }
    return compiled;
  }

  private static int depth(String expression) {
    int depth = 0;
    int deepest = 0;
    for (int i = 0; i < expression.length(); i++) {
      switch (expression.charAt(i)) {
        case '\\' -> i++;
        case '(' -> deepest = Math.max(deepest, ++depth);
        case ')' -> depth--;
        default -> {}
      }
    }
    return deepest;
  }
}
