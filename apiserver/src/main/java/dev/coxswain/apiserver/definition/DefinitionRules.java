package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ClientConfigRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with a definition; the texts and paths are upstream's. */
final class DefinitionRules {
  private static final Set<String> REVIEWS = Set.of("v1", "v1beta1");

  private final ObjectNode definition;
  private final @Nullable ObjectNode old;
  private final JsonNode spec;
  private final List<FieldError> errors = new ArrayList<>();

  DefinitionRules(ObjectNode definition, @Nullable ObjectNode old) {
    this.definition = definition;
    this.old = old;
    this.spec = definition.path("spec");
  }

  List<FieldError> check() {
    String name = Json.text(definition, "metadata", "name");
    String expected = Json.text(spec, "names", "plural") + "." + Json.text(spec, "group");
    if (!name.equals(expected)) {
      errors.add(
          FieldError.invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
    }
    group();
    scope();
    JsonNode versions = spec.path("versions");
    schemasPresent(versions);
    versions(versions);
    NameRules.required(spec.path("names"), "spec.names", errors);
    NameRules.check(spec.path("names"), "spec.names", errors);
    conversion(spec.path("conversion"));
    immutable();
    NameRules.check(Json.at(definition, "status", "acceptedNames"), "status.acceptedNames", errors);
    storedVersions(versions);
    approval();
    if (Json.flag(spec, "preserveUnknownFields")
        && (old == null || !Json.flag(old, "spec", "preserveUnknownFields"))) {
      errors.add(
          FieldError.invalid(
              "spec.preserveUnknownFields",
              true,
              "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
                  + " spec.versions[*].schema instead"));
    }
    return errors;
  }

  private void group() {
    String group = Json.text(spec, "group");
    if (group.isEmpty()) {
      errors.add(FieldError.required("spec.group", ""));
      return;
    }
    Names.subdomain(group)
        .ifPresentOrElse(
            problem -> errors.add(FieldError.invalid("spec.group", group, problem)),
            () -> {
              if (!group.contains(".")) {
                errors.add(
                    FieldError.invalid(
                        "spec.group", group, "should be a domain with at least one dot"));
              }
            });
  }

  private void scope() {
    String scope = Json.text(spec, "scope");
    if (scope.isEmpty()) {
      errors.add(FieldError.required("spec.scope", ""));
    } else if (!scope.equals("Cluster") && !scope.equals("Namespaced")) {
      errors.add(FieldError.notSupported("spec.scope", scope, List.of("Cluster", "Namespaced")));
    }
  }

  private void schemasPresent(JsonNode versions) {
    int index = 0;
    for (JsonNode version : versions) {
      if (!Json.at(version, "schema", "openAPIV3Schema").isObject()) {
        errors.add(FieldError.required("spec.versions[" + index + "].schema.openAPIV3Schema", ""));
      }
      index++;
    }
  }

  /**
   * Upstream takes what all versions say alike as said once, at the top; its paths are kept: {@code
   * spec.validation} where the schemas are equal, {@code spec.versions[0].schema} where not.
   */
  private static boolean same(JsonNode versions, String field) {
    JsonNode first = versions.path(0).path(field);
    if (first.isMissingNode() || first.isEmpty()) {
      return false;
    }
    for (JsonNode version : versions) {
      if (!version.path(field).equals(first)) {
        return false;
      }
    }
    return true;
  }

  private void versions(JsonNode versions) {
    boolean oneSchema = same(versions, "schema");
    boolean oneSubresources = same(versions, "subresources");
    boolean oneColumns = same(versions, "additionalPrinterColumns");
    boolean oneSelectable = same(versions, "selectableFields");
    Set<String> names = new HashSet<>();
    int storage = 0;
    int index = 0;
    for (JsonNode version : versions) {
      String path = "spec.versions[" + index + "]";
      String name = Json.text(version, "name");
      names.add(name);
      storage += Json.flag(version, "storage") ? 1 : 0;
      Names.label1035(name)
          .ifPresent(problem -> errors.add(FieldError.invalid(path + ".name", name, problem)));
      deprecation(version, path);
      boolean first = index == 0;
      if (first || !oneSchema) {
        if (Json.at(version, "schema", "openAPIV3Schema") instanceof ObjectNode schema) {
          String place = oneSchema ? "spec.validation" : path + ".schema";
          boolean status = Json.at(version, "subresources", "status").isObject();
          new SchemaDefinitionRules(schema, place, status, errors).check();
        }
      }
      if (first || !oneSubresources) {
        String place = oneSubresources ? "spec.subresources" : path + ".subresources";
        scale(Json.at(version, "subresources", "scale"), place + ".scale");
      }
      if (first || !oneColumns) {
        String place =
            oneColumns ? "spec.additionalPrinterColumns" : path + ".additionalPrinterColumns";
        PathRules.columns(version.path("additionalPrinterColumns"), place, errors);
      }
      if (first || !oneSelectable) {
        String place = oneSelectable ? "spec.selectableFields" : path + ".selectableFields";
        PathRules.selectableFields(
            version.path("selectableFields"),
            Json.at(version, "schema", "openAPIV3Schema"),
            place,
            errors);
      }
      index++;
    }
    if (names.size() != versions.size()) {
      errors.add(
          FieldError.invalid("spec.versions", versions, "must contain unique version names"));
    }
    if (storage != 1) {
      errors.add(
          FieldError.invalid(
              "spec.versions",
              versions,
              "must have exactly one version marked as storage version"));
    }
  }

  private void deprecation(JsonNode version, String path) {
    JsonNode warning = version.path("deprecationWarning");
    if (warning.isMissingNode() || warning.isNull()) {
      return;
    }
    String text = warning.asString("");
    String place = path + ".deprecationWarning";
    if (!Json.flag(version, "deprecated")) {
      errors.add(FieldError.invalid(place, text, "can only be set for deprecated versions"));
    } else if (text.length() > 256) {
      errors.add(FieldError.invalid(place, text, "must be <= 256 characters long"));
    } else if (text.isEmpty()) {
      errors.add(FieldError.invalid(place, text, "must not be an empty string"));
    }
  }

  private void scale(JsonNode scale, String path) {
    if (!scale.isObject()) {
      return;
    }
    PathRules.replicas(scale, path, "specReplicasPath", List.of(".spec."), errors);
    PathRules.replicas(scale, path, "statusReplicasPath", List.of(".status."), errors);
    if (!Json.text(scale, "labelSelectorPath").isEmpty()) {
      PathRules.replicas(scale, path, "labelSelectorPath", List.of(".spec.", ".status."), errors);
    }
  }

  private void conversion(JsonNode conversion) {
    String strategy = Json.text(conversion, "strategy");
    JsonNode webhook = conversion.path("webhook");
    String path = "spec.conversion";
    switch (strategy) {
      case "None" -> {
        if (webhook.isObject()) {
          errors.add(
              FieldError.forbidden(
                  path + ".webhookClientConfig",
                  "should not be set when strategy is not set to Webhook"));
        }
      }
      case "Webhook" -> {
        JsonNode client = webhook.path("clientConfig");
        String place = path + ".webhookClientConfig";
        if (client.isObject()) {
          ClientConfigRules.check(client, place, errors);
        } else {
          errors.add(FieldError.required(place, "required when strategy is set to Webhook"));
        }
        reviewVersions(webhook.path("conversionReviewVersions"));
      }
      default ->
          errors.add(
              FieldError.notSupported(path + ".strategy", strategy, List.of("None", "Webhook")));
    }
  }

  private void reviewVersions(JsonNode versions) {
    String path = "spec.conversion.conversionReviewVersions";
    if (versions.isEmpty()) {
      errors.add(FieldError.required(path, ""));
      return;
    }
    boolean known = false;
    for (JsonNode version : versions) {
      known |= REVIEWS.contains(version.asString(""));
    }
    if (!known) {
      errors.add(FieldError.invalid(path, versions, "must include at least one of v1, v1beta1"));
    }
  }

  private void immutable() {
    if (old == null) {
      return;
    }
    JsonNode before = old.path("spec");
    if (Conditions.isTrue(old, "Established")) {
      Checks.immutable(spec.path("scope"), before.path("scope"), "spec.scope", errors);
      Checks.immutable(
          Json.at(spec, "names", "kind"),
          Json.at(before, "names", "kind"),
          "spec.names.kind",
          errors);
    }
    Checks.immutable(spec.path("group"), before.path("group"), "spec.group", errors);
    Checks.immutable(
        Json.at(spec, "names", "plural"),
        Json.at(before, "names", "plural"),
        "spec.names.plural",
        errors);
  }

  private void storedVersions(JsonNode versions) {
    JsonNode stored = Json.at(definition, "status", "storedVersions");
    String path = "status.storedVersions";
    if (stored.isEmpty()) {
      errors.add(FieldError.invalid(path, Json.array(), "must have at least one stored version"));
      return;
    }
    Map<String, Integer> left = new TreeMap<>();
    for (int i = 0; i < stored.size(); i++) {
      left.put(stored.get(i).asString(""), i);
    }
    for (JsonNode version : versions) {
      String name = Json.text(version, "name");
      if (left.remove(name) == null && Json.flag(version, "storage")) {
        errors.add(FieldError.invalid(path, stored, "must have the storage version " + name));
      }
    }
    left.forEach((name, index) ->
        errors.add(
            FieldError.invalid(
                path + "[" + index + "]",
                name,
                "missing from spec.versions; "
                    + name
                    + " was previously a storage version, and must remain in spec.versions until"
                    + " a storage migration ensures no data remains persisted in "
                    + name
                    + " and removes "
                    + name
                    + " from status.storedVersions")));
  }

  private void approval() {
    Condition approval = Approval.condition(definition).orElse(null);
    String given = Approval.given(definition);
    if (approval == null || (old != null && given.equals(Approval.given(old)))) {
      return;
    }
    String path = "metadata.annotations[" + Approval.ANNOTATION + "]";
    switch (approval.reason()) {
      case Approval.MISSING -> errors.add(FieldError.required(path, approval.message()));
      case Approval.INVALID -> errors.add(FieldError.invalid(path, given, approval.message()));
      default -> {}
    }
  }
}
