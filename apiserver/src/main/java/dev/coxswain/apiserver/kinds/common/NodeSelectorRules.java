package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a {@code NodeSelector} must be. The texts are upstream's. */
public final class NodeSelectorRules {
  private NodeSelectorRules() {}

  /** Adds what is wrong with a selector. */
  public static void check(JsonNode selector, String path, List<FieldError> errors) {
    String place = path + ".nodeSelectorTerms";
    JsonNode terms = selector.path("nodeSelectorTerms");
    if (terms.isEmpty()) {
      errors.add(FieldError.required(place, "must have at least one node selector term"));
    }
    for (int i = 0; i < terms.size(); i++) {
      term(terms.get(i), place + "[" + i + "]", errors);
    }
  }

  /** Adds what is wrong with a term that says what nodes would be better. */
  public static void preference(JsonNode term, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode requirement : term.path("matchExpressions")) {
      label(requirement, path + ".matchExpressions[" + index++ + "]", errors);
    }
    fields(term, path, errors);
  }

  /** Adds what is wrong with one term of a selector, whose values must be labels' values, too. */
  private static void term(JsonNode term, String path, List<FieldError> errors) {
    preference(term, path, errors);
    int index = 0;
    for (JsonNode requirement : term.path("matchExpressions")) {
      String at = path + ".matchExpressions[" + index++ + "].values";
      int place = 0;
      for (JsonNode value : requirement.path("values")) {
        String text = value.asString("");
        Checks.form(Names.labelValue(text), at + "[" + place++ + "]", text, errors);
      }
    }
  }

  private static void fields(JsonNode term, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode requirement : term.path("matchFields")) {
      field(requirement, path + ".matchFields[" + index++ + "]", errors);
    }
  }

  private static void label(JsonNode requirement, String path, List<FieldError> errors) {
    String operator = Json.text(requirement, "operator");
    JsonNode values = requirement.path("values");
    switch (operator) {
      case "In", "NotIn" -> {
        if (values.isEmpty()) {
          errors.add(
              FieldError.required(
                  path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (!values.isEmpty()) {
          errors.add(
              FieldError.forbidden(
                  path + ".values",
                  "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
      }
      case "Gt", "Lt" -> {
        if (values.size() != 1) {
          errors.add(
              FieldError.required(
                  path + ".values",
                  "must be specified single value when `operator` is 'Lt' or 'Gt'"));
        }
      }
      default -> unknown(operator, path, errors);
    }
    String key = Json.text(requirement, "key");
    Checks.form(Names.qualifiedName(key), path + ".key", key, errors);
  }

  private static void unknown(String operator, String path, List<FieldError> errors) {
    String at = path + ".operator";
    // The shape says so too, in words of its own.
    errors.removeIf(
        error -> error.field().equals(at) && error.type() == FieldError.Type.NOT_SUPPORTED);
    errors.add(FieldError.invalid(at, operator, "not a valid selector operator"));
  }

  private static void field(JsonNode requirement, String path, List<FieldError> errors) {
    String operator = Json.text(requirement, "operator");
    JsonNode values = requirement.path("values");
    if (!operator.equals("In") && !operator.equals("NotIn")) {
      unknown(operator, path, errors);
    } else if (values.size() != 1) {
      errors.add(
          FieldError.required(
              path + ".values",
              "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
    }
    String key = Json.text(requirement, "key");
    if (!key.equals("metadata.name")) {
      errors.add(FieldError.invalid(path + ".key", key, "not a valid field selector key"));
      return;
    }
    int index = 0;
    for (JsonNode value : values) {
      String node = value.asString("");
      Checks.form(Names.subdomain(node), path + ".values[" + index++ + "]", node, errors);
    }
  }
}
