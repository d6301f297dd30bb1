package dev.coxswain.apiserver.kinds.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.flow.FlowObjects;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of FlowSchemas: whose requests wait where. The texts are upstream's. */
public final class FlowSchemaStrategy extends StandardStrategy {
  private static final int PRECEDENCE = 1000;
  private static final int GREATEST_PRECEDENCE = 10_000;
  private static final Set<String> DISTINGUISHERS = Set.of("ByNamespace", "ByUser");
  private static final Set<String> VERBS =
      Set.of(
          "create",
          "delete",
          "deletecollection",
          "get",
          "list",
          "patch",
          "proxy",
          "update",
          "watch");

  /** Rules on this shape. */
  public FlowSchemaStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    Defaults.positive(Json.ensureObject(object, "spec"), "matchingPrecedence", PRECEDENCE);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    String name = Json.text(object, "metadata", "name");
    JsonNode spec = object.path("spec");
    precedence(spec.path("matchingPrecedence"), name, errors);
    JsonNode method = spec.path("distinguisherMethod");
    String distinguisher = Json.text(method, "type");
    if (method.isObject() && !DISTINGUISHERS.contains(distinguisher)) {
      errors.add(
          FieldError.notSupported("spec.distinguisherMethod.type", distinguisher, DISTINGUISHERS));
    }
    String level = Json.text(spec, "priorityLevelConfiguration", "name");
    String at = "spec.priorityLevelConfiguration.name";
    if (level.isEmpty()) {
      errors.add(FieldError.required(at, "must reference a priority level"));
    } else {
      Checks.form(Names.subdomain(level), at, level, errors);
    }
    int index = 0;
    for (JsonNode rule : spec.path("rules")) {
      rule(rule, "spec.rules[" + index++ + "]", errors);
    }
    FlowObjects.mandatory("FlowSchema", name)
        .ifPresent(fixed ->
            FlowConditions.mandatory(object, name, fixed, " must equal the fixed value", errors));
  }

  private static void precedence(JsonNode precedence, String name, List<FieldError> errors) {
    String at = "spec.matchingPrecedence";
    long value = precedence.asLong(0);
    if (value <= 0) {
      errors.add(FieldError.invalid(at, precedence, "must be a positive value"));
    } else if (value > GREATEST_PRECEDENCE) {
      errors.add(
          FieldError.invalid(at, precedence, "must not be greater than " + GREATEST_PRECEDENCE));
    } else if (value == 1 && !name.equals("exempt")) {
      errors.add(
          FieldError.invalid(
              at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
    }
  }

  private static void rule(JsonNode rule, String path, List<FieldError> errors) {
    if (rule.path("subjects").isEmpty()) {
      errors.add(
          FieldError.required(path + ".subjects", "subjects must contain at least one value"));
    }
    int index = 0;
    for (JsonNode subject : rule.path("subjects")) {
      FlowSubject.check(subject, path + ".subjects[" + index++ + "]", errors);
    }
    if (rule.path("resourceRules").isEmpty() && rule.path("nonResourceRules").isEmpty()) {
      errors.add(
          FieldError.required(
              path, "at least one of resourceRules and nonResourceRules has to be non-empty"));
    }
    index = 0;
    for (JsonNode resources : rule.path("resourceRules")) {
      resources(resources, path + ".resourceRules[" + index++ + "]", errors);
    }
    index = 0;
    for (JsonNode paths : rule.path("nonResourceRules")) {
      paths(paths, path + ".nonResourceRules[" + index++ + "]", errors);
    }
  }

  private static void verbs(JsonNode rule, String path, List<FieldError> errors) {
    JsonNode verbs = rule.path("verbs");
    if (verbs.isEmpty()) {
      errors.add(FieldError.required(path + ".verbs", "verbs must contain at least one value"));
    } else if (hasWildcard(verbs)) {
      alone(verbs, path + ".verbs", "verbs", errors);
    } else if (!VERBS.containsAll(verbs.valueStream().map(verb -> verb.asString("")).toList())) {
      errors.add(FieldError.notSupported(path + ".verbs", verbs, VERBS));
    }
  }

  private static void resources(JsonNode rule, String path, List<FieldError> errors) {
    verbs(rule, path, errors);
    some(rule, "apiGroups", path, "api group", "api groups", errors);
    some(rule, "resources", path, "resource", "resources", errors);
    JsonNode namespaces = rule.path("namespaces");
    String at = path + ".namespaces";
    if (namespaces.isEmpty()) {
      if (!Json.flag(rule, "clusterScope")) {
        errors.add(
            FieldError.required(
                at,
                "resource rules that are not cluster scoped must supply at least one namespace"));
      }
    } else if (hasWildcard(namespaces)) {
      alone(namespaces, at, "namespaces", errors);
    } else {
      int index = 0;
      for (JsonNode namespace : namespaces) {
        String name = namespace.asString("");
        Checks.form(
            Names.label(name)
                .map(wrong -> "each member of this list must be '*' or a DNS-1123 label; " + wrong),
            at + "[" + index++ + "]",
            name,
            errors);
      }
    }
  }

  private static void some(
      JsonNode rule, String field, String path, String one, String many, List<FieldError> errors) {
    JsonNode list = rule.path(field);
    String at = path + "." + field;
    if (list.isEmpty()) {
      errors.add(FieldError.required(at, "resource rules must supply at least one " + one));
    } else if (hasWildcard(list)) {
      alone(list, at, many, errors);
    }
  }

  private static void paths(JsonNode rule, String path, List<FieldError> errors) {
    verbs(rule, path, errors);
    JsonNode urls = rule.path("nonResourceURLs");
    String at = path + ".nonResourceURLs";
    if (urls.isEmpty()) {
      errors.add(FieldError.required(at, "nonResourceURLs must contain at least one value"));
    } else if (hasWildcard(urls)) {
      alone(urls, at, "non-resource URLs", errors);
    } else {
      int index = 0;
      for (JsonNode url : urls) {
        url(url.asString(""), at + "[" + index++ + "]", errors);
      }
    }
  }

  private static void url(String url, String path, List<FieldError> errors) {
    int star = url.indexOf('*');
    String wrong =
        url.isEmpty()
            ? "must not be empty"
            : !url.startsWith("/")
                ? "must start with slash"
                : url.indexOf(' ') >= 0
                    ? "must not contain white-space"
                    : url.contains("//")
                        ? "must not contain double slash"
                        : star >= 0 && (star != url.length() - 1 || !url.endsWith("/*"))
                            ? "wildcard can only do suffix matching"
                            : "";
    if (!wrong.isEmpty()) {
      errors.add(FieldError.invalid(path, url, wrong));
    }
  }

  private static boolean hasWildcard(JsonNode list) {
    return list.valueStream().anyMatch(entry -> entry.asString("").equals("*"));
  }

  private static void alone(JsonNode list, String path, String others, List<FieldError> errors) {
    if (list.size() > 1) {
      errors.add(
          FieldError.invalid(path, list, "if '*' is present, must not specify other " + others));
    }
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    FlowConditions.check(object, errors);
    return errors;
  }
}
