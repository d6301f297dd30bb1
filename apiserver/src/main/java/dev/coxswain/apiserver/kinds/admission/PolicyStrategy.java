package dev.coxswain.apiserver.kinds.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.admission.policy.PolicyRules;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of ValidatingAdmissionPolicy and of MutatingAdmissionPolicy. */
public final class PolicyStrategy extends StandardStrategy {
  private static final List<String> FAILURES = List.of("Fail", "Ignore");
  private static final List<String> REINVOCATIONS = List.of("IfNeeded", "Never");

  private final boolean mutates;

  private PolicyStrategy(Schema schema, boolean mutates) {
    super(schema, !mutates, true);
    this.mutates = mutates;
  }

  /** Rules for policies of this shape that look at objects. */
  public static PolicyStrategy validating(Schema schema) {
    return new PolicyStrategy(schema, false);
  }

  /** Rules for policies of this shape that change objects. */
  public static PolicyStrategy mutating(Schema schema) {
    return new PolicyStrategy(schema, true);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (object.get("spec") instanceof ObjectNode spec) {
      Defaults.text(spec, "failurePolicy", "Fail");
      MatchResources.fill(Json.objectAt(spec, "matchConstraints"));
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    String failure = Json.text(spec, "failurePolicy");
    if (failure.isEmpty()) {
      errors.add(FieldError.required("spec.failurePolicy", ""));
    } else if (!FAILURES.contains(failure)) {
      errors.add(FieldError.notSupported("spec.failurePolicy", failure, FAILURES));
    }
    paramKind(spec.path("paramKind"), errors);
    JsonNode match = spec.path("matchConstraints");
    if (!match.isObject()) {
      errors.add(FieldError.required("spec.matchConstraints", ""));
    } else {
      MatchResources.check(match, "spec.matchConstraints", errors);
      if (match.path("resourceRules").isEmpty()) {
        errors.add(FieldError.required("spec.matchConstraints.resourceRules", ""));
      }
    }
    if (mutates) {
      MatchResources.checkMutable(match, "spec.matchConstraints", errors);
      PolicyRules.mutations(object, errors);
      reinvocation(Json.text(spec, "reinvocationPolicy"), errors);
    } else {
      PolicyRules.validations(object, errors);
    }
  }

  private static void reinvocation(String policy, List<FieldError> errors) {
    if (policy.isEmpty()) {
      errors.add(FieldError.required("spec.reinvocationPolicy", ""));
    } else if (!REINVOCATIONS.contains(policy)) {
      errors.add(FieldError.notSupported("spec.reinvocationPolicy", policy, REINVOCATIONS));
    }
  }

  private static void paramKind(JsonNode kind, List<FieldError> errors) {
    if (!kind.isObject()) {
      return;
    }
    String version = Json.text(kind, "apiVersion");
    if (version.isEmpty()) {
      errors.add(FieldError.required("spec.paramKind.apiVersion", ""));
    } else if (version.chars().filter(c -> c == '/').count() > 1) {
      errors.add(
          FieldError.invalid(
              "spec.paramKind.apiVersion", version, "unexpected GroupVersion string: " + version));
    }
    if (Json.text(kind, "kind").isEmpty()) {
      errors.add(FieldError.required("spec.paramKind.kind", ""));
    }
  }
}
