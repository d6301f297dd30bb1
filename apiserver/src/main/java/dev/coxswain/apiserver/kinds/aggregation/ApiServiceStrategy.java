package dev.coxswain.apiserver.kinds.aggregation;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of APIService; the texts and paths are upstream's. */
public final class ApiServiceStrategy extends StandardStrategy {
  private static final int HTTPS = 443;
  private static final int GREATEST_GROUP = 20_000;
  private static final int GREATEST_VERSION = 1_000;

  /** Rules for a kind of this shape. */
  public ApiServiceStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    if (!Json.at(object, "spec", "service").isObject()) {
      Conditions.set(
          object,
          new Condition("Available", "True", "Local", "Local APIServices are always available"),
          Json.text(object, "metadata", "creationTimestamp"));
    }
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode service = Json.objectAt(object, "spec", "service");
    if (service != null) {
      Defaults.number(service, "port", HTTPS);
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    String group = Json.text(spec, "group");
    String version = Json.text(spec, "version");
    String name = Json.text(object, "metadata", "name");
    String expected = version + "." + group;
    if (!name.equals(expected)) {
      errors.add(
          FieldError.invalid(
              "metadata.name",
              name,
              "must be `spec.version+\".\"+spec.group`: \"" + expected + "\""));
    }
    if (!group.isEmpty()) {
      Checks.form(Names.subdomain(group), "spec.group", group, errors);
    } else if (!version.equals("v1")) {
      errors.add(
          FieldError.required(
              "spec.group", "only v1 may have an empty group and it better be legacy kube"));
    }
    Checks.form(Names.label1035(version), "spec.version", version, errors);
    priority(spec, "groupPriorityMinimum", GREATEST_GROUP, errors);
    priority(spec, "versionPriority", GREATEST_VERSION, errors);
    service(spec, errors);
  }

  private static void priority(JsonNode spec, String field, int greatest, List<FieldError> errors) {
    long value = Json.number(spec, 0, field);
    if (value <= 0 || value > greatest) {
      errors.add(
          FieldError.invalid("spec." + field, value, "must be positive and less than " + greatest));
    }
  }

  private static void service(JsonNode spec, List<FieldError> errors) {
    boolean unverified = Json.flag(spec, "insecureSkipTLSVerify");
    boolean authorities = !Json.text(spec, "caBundle").isEmpty();
    JsonNode service = spec.path("service");
    if (!service.isObject()) {
      if (authorities) {
        errors.add(
            FieldError.invalid(
                "spec.caBundle",
                Json.text(spec, "caBundle").length() + " bytes",
                "local APIServices may not have a caBundle"));
      }
      if (unverified) {
        errors.add(
            FieldError.invalid(
                "spec.insecureSkipTLSVerify",
                true,
                "local APIServices may not have insecureSkipTLSVerify"));
      }
      return;
    }
    Checks.required(service, "namespace", "spec.service", errors);
    Checks.required(service, "name", "spec.service", errors);
    long port = Json.number(service, HTTPS, "port");
    if (port < 1 || port > Checks.MAXIMUM_PORT) {
      errors.add(
          FieldError.invalid("spec.service.port", port, "port is not valid: " + Checks.PORT_RANGE));
    }
    if (unverified && authorities) {
      errors.add(
          FieldError.invalid(
              "spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
    }
  }
}
