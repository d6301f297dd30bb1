package dev.coxswain.apiserver.oidc;

import tools.jackson.databind.JsonNode;

/**
 * What must hold for a token's claims, or for the user that they make.
 *
 * @param message what is said where it does not; may be empty
 */
record ValidationRule(TokenExpression expression, String message) {

  /**
   * Refuses what it does not hold for.
   *
   * @param value the claims or the user, as the expression was compiled for
   */
  void check(JsonNode value) {
    if (!Boolean.TRUE.equals(expression.evaluate(value))) {
      throw Refusals.refused(
          "validation expression '" + expression.text() + "' failed: " + message);
    }
  }
}
