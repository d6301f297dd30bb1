package dev.coxswain.apiserver.kinds.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of ValidatingAdmissionPolicyBinding and of MutatingAdmissionPolicyBinding. */
public final class PolicyBindingStrategy extends StandardStrategy {
  private static final List<String> ACTIONS = List.of("Audit", "Deny", "Warn");
  private static final List<String> NOT_FOUND = List.of("Allow", "Deny");

  private final boolean mutates;

  private PolicyBindingStrategy(Schema schema, boolean mutates) {
    super(schema, false, true);
    this.mutates = mutates;
  }

  /** Rules for bindings of this shape of policies that look at objects. */
  public static PolicyBindingStrategy validating(Schema schema) {
    return new PolicyBindingStrategy(schema, false);
  }

  /** Rules for bindings of this shape of policies that change objects. */
  public static PolicyBindingStrategy mutating(Schema schema) {
    return new PolicyBindingStrategy(schema, true);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    MatchResources.fill(Json.objectAt(object, "spec", "matchResources"));
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    String policy = Json.text(spec, "policyName");
    if (policy.isEmpty()) {
      errors.add(FieldError.required("spec.policyName", ""));
    } else {
      Checks.form(Names.subdomain(policy), "spec.policyName", policy, errors);
    }
    paramRef(spec.path("paramRef"), errors);
    MatchResources.check(spec.path("matchResources"), "spec.matchResources", errors);
    if (mutates) {
      MatchResources.checkMutable(spec.path("matchResources"), "spec.matchResources", errors);
    } else {
      actions(spec.path("validationActions"), errors);
    }
  }

  private static void paramRef(JsonNode ref, List<FieldError> errors) {
    if (!ref.isObject()) {
      return;
    }
    String name = Json.text(ref, "name");
    boolean selector = ref.path("selector").isObject();
    if (!name.isEmpty() && selector) {
      errors.add(
          FieldError.forbidden("spec.paramRef.name", "name and selector are mutually exclusive"));
    } else if (name.isEmpty() && !selector) {
      errors.add(FieldError.required("spec.paramRef", "one of name or selector must be specified"));
    }
    if (!name.isEmpty() && (name.contains("/") || name.contains("%") || name.startsWith(".."))) {
      errors.add(
          FieldError.invalid("spec.paramRef.name", name, "must be a valid path segment name"));
    }
    Checks.selector(ref.path("selector"), "spec.paramRef.selector", errors);
    String missing = Json.text(ref, "parameterNotFoundAction");
    if (missing.isEmpty()) {
      errors.add(FieldError.required("spec.paramRef.parameterNotFoundAction", ""));
    } else if (!NOT_FOUND.contains(missing)) {
      errors.add(
          FieldError.notSupported("spec.paramRef.parameterNotFoundAction", missing, NOT_FOUND));
    }
  }

  private static void actions(JsonNode actions, List<FieldError> errors) {
    String path = "spec.validationActions";
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode one : actions) {
      String action = one.asString("");
      String place = path + "[" + index++ + "]";
      if (!ACTIONS.contains(action)) {
        errors.add(FieldError.notSupported(place, action, ACTIONS));
      }
      if (!seen.add(action)) {
        errors.add(FieldError.duplicate(place, action));
      }
    }
    if (actions.isEmpty()) {
      errors.add(FieldError.required(path, "at least one validation action is required"));
    } else if (seen.contains("Deny") && seen.contains("Warn")) {
      errors.add(
          FieldError.invalid(
              path,
              actions,
              "must not contain both Deny and Warn (repeating the same validation failure"
                  + " information in the API response and headers serves no purpose)"));
    }
  }
}
