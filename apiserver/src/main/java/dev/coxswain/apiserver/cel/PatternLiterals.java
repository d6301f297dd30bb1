package dev.coxswain.apiserver.cel;

import com.google.re2j.PatternSyntaxException;
import dev.cel.bundle.Cel;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.validator.CelAstValidator;
import dev.coxswain.apiserver.schema.Patterns;
import java.util.List;

/**
 * Refuses patterns that are written out and are none. The library's own check knows Java's syntax.
 */
final class PatternLiterals implements CelAstValidator {

  @Override
  public void validate(CelNavigableAst tree, Cel cel, IssuesFactory issues) {
    tree.getRoot()
        .allNodes()
        .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.CALL)
        .map(node -> node.expr().call())
        .filter(call -> call.function().equals("matches"))
        .forEach(call -> check(call, issues));
  }

  private static void check(CelExpr.CelCall call, IssuesFactory issues) {
    List<CelExpr> arguments = call.args();
    CelExpr pattern = arguments.getLast();
    if (pattern.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && pattern.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
      try {
        var _ = Patterns.compile(pattern.constant().stringValue());
      } catch (PatternSyntaxException malformed) {
        issues.addError(pattern.id(), "invalid matches argument: " + malformed.getMessage());
      }
    }
  }
}
