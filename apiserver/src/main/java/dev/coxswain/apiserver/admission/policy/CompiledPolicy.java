package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.webhook.Criteria;
import dev.coxswain.apiserver.cel.Environment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A ValidatingAdmissionPolicy, its expressions compiled.
 *
 * @param criteria the requests that it is about
 * @param variables in their order
 * @param annotations what is written into the audit log, by key
 * @param paramKind the {@code paramKind}; missing where it takes no parameters
 * @param failsClosed whether an error refuses the request
 */
record CompiledPolicy(
    String name,
    Criteria criteria,
    ConditionSet conditions,
    List<Compiled> variables,
    List<Validation> validations,
    List<Compiled> annotations,
    JsonNode paramKind,
    boolean failsClosed)
    implements BoundPolicy {

  /**
   * What must be true.
   *
   * @param message what is said where it is not; may be empty
   * @param messageExpression what makes the message; null where nothing does
   * @param reason the reason of the refusal; empty for an invalid object
   */
  record Validation(
      Compiled condition, String message, @Nullable Compiled messageExpression, String reason) {}

  static CompiledPolicy of(ObjectNode policy) {
    JsonNode spec = policy.path("spec");
    boolean params = spec.path("paramKind").isObject();
    RequestEnvironment declarations = RequestEnvironment.untyped(params);
    ConditionSet conditions =
        ConditionSet.of(spec.path("matchConditions"), declarations.environment());
    List<Compiled> variables = declarations.compile(spec.path("variables"));
    Environment environment = declarations.environment();
    List<Validation> validations = new ArrayList<>();
    for (JsonNode validation : spec.path("validations")) {
      validations.add(validation(validation, environment));
    }
    List<Compiled> annotations = new ArrayList<>();
    for (JsonNode annotation : spec.path("auditAnnotations")) {
      annotations.add(
          Compiled.annotation(
              environment, Json.text(annotation, "key"), Json.text(annotation, "valueExpression")));
    }
    return new CompiledPolicy(
        Json.text(policy, "metadata", "name"),
        Criteria.of(spec.path("matchConstraints")),
        conditions,
        variables,
        validations,
        annotations,
        spec.path("paramKind"),
        !Json.text(spec, "failurePolicy").equals("Ignore"));
  }

  private static Validation validation(JsonNode validation, Environment environment) {
    String message = Json.text(validation, "messageExpression");
    return new Validation(
        Compiled.condition(environment, "", Json.text(validation, "expression")),
        Json.text(validation, "message").strip(),
        message.isBlank() ? null : Compiled.message(environment, message),
        Json.text(validation, "reason"));
  }
}
