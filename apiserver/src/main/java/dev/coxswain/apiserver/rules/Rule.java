package dev.coxswain.apiserver.rules;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import tools.jackson.databind.JsonNode;

/**
 * A rule as a definition gives it.
 *
 * @param source all of it
 * @param text what must be true
 * @param message what is said where it is not; may be empty
 * @param messageExpression what makes the message; may be empty
 * @param reason what kind of error a violation is; empty for an invalid value
 * @param fieldPath what the error is about, relative to where the rule stands; may be empty
 * @param optionalOldSelf whether it is asked of new values too, for which oldSelf is then empty
 */
public record Rule(
    JsonNode source,
    String text,
    String message,
    String messageExpression,
    String reason,
    String fieldPath,
    boolean optionalOldSelf) {

  static Rule of(JsonNode rule) {
    return new Rule(
        rule,
        Json.text(rule, "rule").strip(),
        Json.text(rule, "message").strip(),
        Json.text(rule, "messageExpression").strip(),
        Json.text(rule, "reason"),
        Json.text(rule, "fieldPath").strip(),
        Json.flag(rule, "optionalOldSelf"));
  }

  /** How messages about the rule name it. */
  String label() {
    return message.isEmpty() ? text : message;
  }

  /** What is said of a violation without an expression for it. */
  String complaint() {
    return message.isEmpty() ? "failed rule: " + text : message;
  }

  /** The error of a violation. */
  FieldError violation(String path, String type, String detail) {
    return switch (reason) {
      case "FieldValueForbidden" -> FieldError.forbidden(path, detail);
      case "FieldValueRequired" -> FieldError.required(path, detail);
      case "FieldValueDuplicate" -> FieldError.duplicate(path, type);
      default -> FieldError.invalid(path, type, detail);
    };
  }
}
