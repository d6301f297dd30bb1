package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.cel.Environment;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with the expressions of a policy; the texts and paths are upstream's. */
public final class PolicyRules {
  private static final int MOST_CONDITIONS = 64;
  private static final int MOST_ANNOTATIONS = 20;
  private static final List<String> REASONS =
      List.of("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized");
  private static final String CONFIGURATION = "applyConfiguration";
  private static final String PATCH = "jsonPatch";
  private static final List<String> PATCH_TYPES = List.of("ApplyConfiguration", "JSONPatch");
  private static final Pattern IDENTIFIER = Pattern.compile("[_a-zA-Z][_a-zA-Z0-9]*");

  private final List<FieldError> errors;
  private final RequestEnvironment declarations;

  private PolicyRules(RequestEnvironment declarations, List<FieldError> errors) {
    this.declarations = declarations;
    this.errors = errors;
  }

  /** Adds what is wrong with the match conditions of a webhook. */
  public static void conditions(JsonNode conditions, String path, List<FieldError> errors) {
    if (!conditions.isEmpty()) {
      new PolicyRules(RequestEnvironment.untyped(false), errors).conditions(conditions, path);
    }
  }

  /** Adds what is wrong with the expressions of a ValidatingAdmissionPolicy. */
  public static void validations(ObjectNode policy, List<FieldError> errors) {
    JsonNode spec = policy.path("spec");
    RequestEnvironment declarations = RequestEnvironment.untyped(spec.path("paramKind").isObject());
    PolicyRules rules = new PolicyRules(declarations, errors);
    rules.conditions(spec.path("matchConditions"), "spec.matchConditions");
    rules.variables(spec.path("variables"));
    JsonNode validations = spec.path("validations");
    JsonNode annotations = spec.path("auditAnnotations");
    if (validations.isEmpty() && annotations.isEmpty()) {
      String problem = "validations or auditAnnotations must contain at least one item";
      errors.add(FieldError.required("spec.validations", problem));
      errors.add(FieldError.required("spec.auditAnnotations", problem));
      return;
    }
    Environment environment = declarations.environment();
    int index = 0;
    for (JsonNode validation : validations) {
      rules.validation(validation, environment, "spec.validations[" + index++ + "]");
    }
    rules.annotations(annotations, environment, Json.text(policy, "metadata", "name"));
  }

  /** Adds what is wrong with the expressions of a MutatingAdmissionPolicy. */
  public static void mutations(ObjectNode policy, List<FieldError> errors) {
    JsonNode spec = policy.path("spec");
    RequestEnvironment declarations = RequestEnvironment.untyped(spec.path("paramKind").isObject());
    PolicyRules rules = new PolicyRules(declarations, errors);
    rules.conditions(spec.path("matchConditions"), "spec.matchConditions");
    rules.variables(spec.path("variables"));
    JsonNode mutations = spec.path("mutations");
    if (mutations.isEmpty()) {
      errors.add(FieldError.required("spec.mutations", "mutations must contain at least one item"));
    }
    Environment environment = declarations.environment();
    int index = 0;
    for (JsonNode mutation : mutations) {
      String path = "spec.mutations[" + index++ + "]";
      switch (Json.text(mutation, "patchType")) {
        case "" -> errors.add(FieldError.required(path + ".patchType", ""));
        case "ApplyConfiguration" ->
            rules.mutation(
                mutation,
                CONFIGURATION,
                PATCH,
                path,
                text -> Compiled.configuration(environment, text));
        case "JSONPatch" ->
            rules.mutation(
                mutation, PATCH, CONFIGURATION, path, text -> Compiled.patch(environment, text));
        case String other ->
            errors.add(FieldError.notSupported(path + ".patchType", other, PATCH_TYPES));
      }
    }
  }

  private void mutation(
      JsonNode mutation,
      String wanted,
      String other,
      String path,
      Function<String, Compiled> compiler) {
    String type = Json.text(mutation, "patchType");
    if (!mutation.path(wanted).isObject()) {
      errors.add(
          FieldError.required(path + "." + wanted, "must be specified when patchType is " + type));
    } else {
      String place = path + "." + wanted + ".expression";
      String text = Json.text(mutation, wanted, "expression");
      if (text.isBlank()) {
        errors.add(FieldError.required(place, ""));
      } else {
        compiled(compiler.apply(text), place);
      }
    }
    if (mutation.path(other).isObject()) {
      errors.add(
          FieldError.invalid(
              path + "." + other,
              "{" + other + "}",
              "must not be specified when patchType is " + type));
    }
  }

  private void conditions(JsonNode conditions, String path) {
    if (conditions.size() > MOST_CONDITIONS) {
      errors.add(FieldError.tooMany(path, conditions.size(), MOST_CONDITIONS));
    }
    if (conditions.isEmpty()) {
      return;
    }
    Environment environment = declarations.environment();
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode condition : conditions) {
      String place = path + "[" + index++ + "]";
      String name = Json.text(condition, "name");
      String text = Json.text(condition, "expression");
      if (text.isBlank()) {
        errors.add(FieldError.required(place + ".expression", ""));
      } else {
        compiled(Compiled.condition(environment, name, text), place + ".expression");
      }
      if (name.isEmpty()) {
        errors.add(FieldError.required(place + ".name", ""));
      } else {
        Checks.form(Names.qualifiedName(name), place + ".name", name, errors);
        if (!names.add(name)) {
          errors.add(FieldError.duplicate(place + ".name", name));
        }
      }
    }
  }

  private void compiled(Compiled expression, String path) {
    if (expression.expression() == null) {
      errors.add(FieldError.invalid(path, expression.text(), expression.error()));
    }
  }

  private void variables(JsonNode variables) {
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode variable : variables) {
      String path = "spec.variables[" + index++ + "]";
      String name = Json.text(variable, "name");
      String text = Json.text(variable, "expression");
      if (name.isEmpty()) {
        errors.add(FieldError.required(path + ".name", "name is not specified"));
      } else if (!IDENTIFIER.matcher(name).matches()) {
        errors.add(FieldError.invalid(path + ".name", name, "name is not a valid CEL identifier"));
      } else if (!names.add(name)) {
        errors.add(FieldError.duplicate(path + ".name", name));
      }
      if (text.isBlank()) {
        errors.add(FieldError.required(path + ".expression", "expression is not specified"));
        continue;
      }
      Compiled compiled = Compiled.variable(declarations.environment(), name, text);
      compiled(compiled, path + ".expression");
      declarations.declare(compiled);
    }
  }

  private void validation(JsonNode validation, Environment environment, String path) {
    String text = Json.text(validation, "expression");
    if (text.isBlank()) {
      errors.add(FieldError.required(path + ".expression", "expression is not specified"));
    } else {
      compiled(Compiled.condition(environment, "", text), path + ".expression");
    }
    String messageExpression = Json.text(validation, "messageExpression");
    if (!messageExpression.isBlank()) {
      compiled(Compiled.message(environment, messageExpression), path + ".messageExpression");
    } else if (!messageExpression.isEmpty()) {
      errors.add(
          FieldError.invalid(
              path + ".messageExpression", messageExpression, "must be non-empty if specified"));
    }
    String message = Json.text(validation, "message");
    if (!message.isEmpty() && message.isBlank()) {
      errors.add(
          FieldError.invalid(path + ".message", message, "message must be non-empty if specified"));
    } else if (broken(message.strip())) {
      errors.add(
          FieldError.invalid(path + ".message", message, "message must not contain line breaks"));
    } else if (broken(text.strip()) && message.isBlank()) {
      errors.add(
          FieldError.required(
              path + ".message", "message must be specified if expression contains line breaks"));
    }
    String reason = Json.text(validation, "reason");
    if (!reason.isEmpty() && !REASONS.contains(reason)) {
      errors.add(FieldError.notSupported(path + ".reason", reason, REASONS));
    }
  }

  private static boolean broken(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }

  private void annotations(JsonNode annotations, Environment environment, String policy) {
    if (annotations.size() > MOST_ANNOTATIONS) {
      errors.add(FieldError.tooMany("spec.auditAnnotations", annotations.size(), MOST_ANNOTATIONS));
    }
    Set<String> keys = new HashSet<>();
    int index = 0;
    for (JsonNode annotation : annotations) {
      String path = "spec.auditAnnotations[" + index++ + "]";
      String key = Json.text(annotation, "key");
      if (key.isBlank()) {
        errors.add(FieldError.required(path + ".key", ""));
      } else {
        String full = policy.isEmpty() ? key : policy + "/" + key;
        Checks.form(Names.qualifiedName(full), path + ".key", key, errors);
        if (!keys.add(key)) {
          errors.add(FieldError.duplicate(path + ".key", key));
        }
      }
      String text = Json.text(annotation, "valueExpression");
      if (text.isBlank()) {
        errors.add(
            FieldError.required(path + ".valueExpression", "valueExpression is not specified"));
      } else {
        compiled(Compiled.annotation(environment, key, text), path + ".valueExpression");
      }
    }
  }
}
