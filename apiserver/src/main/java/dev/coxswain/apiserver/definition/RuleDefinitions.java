package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What is wrong with the CEL rules ({@code x-kubernetes-validations}) of a schema. */
final class RuleDefinitions {
  private static final List<String> REASONS =
      List.of(
          "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");

  private RuleDefinitions() {}

  static void check(JsonNode schema, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      rule(rule, path + ".x-kubernetes-validations[" + index++ + "]", errors);
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      check(property.getValue(), path + ".properties[" + property.getKey() + "]", errors);
    }
    if (schema.path("additionalProperties").isObject()) {
      check(schema.path("additionalProperties"), path + ".additionalProperties", errors);
    }
    if (schema.path("items").isObject()) {
      check(schema.path("items"), path + ".items", errors);
    }
  }

  private static void rule(JsonNode rule, String path, List<FieldError> errors) {
    String text = Json.text(rule, "rule").strip();
    String message = Json.text(rule, "message");
    if (text.isEmpty()) {
      errors.add(FieldError.required(path + ".rule", "rule is not specified"));
    } else if (!message.isEmpty() && message.isBlank()) {
      errors.add(FieldError.invalid(path + ".message", message, "must be non-empty if specified"));
    } else if (broken(message.strip())) {
      errors.add(FieldError.invalid(path + ".message", message, "must not contain line breaks"));
    } else if (broken(text) && message.isBlank()) {
      errors.add(
          FieldError.required(
              path + ".message", "message must be specified if rule contains line breaks"));
    }
    String expression = Json.text(rule, "messageExpression");
    if (!expression.isEmpty() && expression.isBlank()) {
      errors.add(
          FieldError.required(
              path + ".messageExpression", "messageExpression must be non-empty if specified"));
    }
    String reason = Json.text(rule, "reason");
    if (!reason.isEmpty() && !REASONS.contains(reason)) {
      errors.add(FieldError.notSupported(path + ".reason", reason, REASONS));
    }
    String fieldPath = Json.text(rule, "fieldPath");
    if (!fieldPath.isEmpty() && fieldPath.isBlank()) {
      errors.add(
          FieldError.invalid(path + ".fieldPath", fieldPath, "must be non-empty if specified"));
    } else if (broken(fieldPath)) {
      errors.add(
          FieldError.invalid(path + ".fieldPath", fieldPath, "must not contain line breaks"));
    }
  }

  private static boolean broken(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }
}
