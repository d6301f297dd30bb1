package dev.coxswain.apiserver.kinds.network;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of IngressClasses: who serves them never changes. */
public final class IngressClassStrategy extends StandardStrategy {
  private static final String CONTROLLER = "spec.controller";
  private static final String PARAMETERS = "spec.parameters";
  private static final int LONGEST = 250;
  private static final Set<String> SCOPES = Set.of("Cluster", "Namespace");

  /** Rules on this shape. */
  public IngressClassStrategy(Schema schema) {
    super(schema, false, true);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    String controller = Json.text(object, "spec", "controller");
    if (controller.isEmpty()) {
      errors.add(FieldError.required(CONTROLLER, ""));
    } else {
      if (controller.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
        errors.add(FieldError.tooLong(CONTROLLER, LONGEST));
      }
      Checks.domainPrefixedPath(controller, CONTROLLER, errors);
    }
    JsonNode parameters = Json.at(object, "spec", "parameters");
    if (parameters.isObject()) {
      Parameters.check(parameters, PARAMETERS, errors);
      scope(parameters, errors);
    }
  }

  private static void scope(JsonNode parameters, List<FieldError> errors) {
    JsonNode scope = parameters.path("scope");
    JsonNode namespace = parameters.path("namespace");
    if (!scope.isString()) {
      errors.add(FieldError.required(PARAMETERS + ".scope", ""));
    } else if (!SCOPES.contains(scope.asString())) {
      errors.add(FieldError.notSupported(PARAMETERS + ".scope", scope.asString(), SCOPES));
    } else if (scope.asString().equals("Cluster")) {
      if (namespace.isString()) {
        errors.add(
            FieldError.forbidden(
                PARAMETERS + ".namespace", "`parameters.scope` is set to 'Cluster'"));
      }
    } else if (!namespace.isString()) {
      errors.add(
          FieldError.required(
              PARAMETERS + ".namespace", "`parameters.scope` is set to 'Namespace'"));
    } else {
      String name = namespace.asString();
      Checks.form(Names.label(name), PARAMETERS + ".namespace", name, errors);
    }
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    JsonNode parameters = Json.at(object, "spec", "parameters");
    if (parameters instanceof ObjectNode given && !given.hasNonNull("scope")) {
      given.put("scope", "Cluster");
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(
        Json.at(object, "spec", "controller"),
        Json.at(old, "spec", "controller"),
        CONTROLLER,
        errors);
  }
}
