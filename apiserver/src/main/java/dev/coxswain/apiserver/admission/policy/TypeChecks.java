package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.types.CelType;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.cel.Environment;
import dev.coxswain.apiserver.cel.KindTypes;
import dev.coxswain.apiserver.cel.MalformedExpressionException;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks the expressions of a policy against the kinds that it names, and says in warnings what
 * does not fit. Kinds that are meant by a wildcard are not looked at.
 */
final class TypeChecks {
  /** How many kinds are looked at for one rule. */
  private static final int MOST_KINDS = 10;

  private final ResourceRegistry registry;
  private final JsonNode spec;
  private final ArrayNode warnings = Json.array();

  private TypeChecks(ResourceRegistry registry, ObjectNode policy) {
    this.registry = registry;
    this.spec = policy.path("spec");
  }

  /** The {@code expressionWarnings}. */
  static ArrayNode warnings(ObjectNode policy, ResourceRegistry registry) {
    TypeChecks checks = new TypeChecks(registry, policy);
    checks.check();
    return checks.warnings;
  }

  private void check() {
    List<Kind> kinds = kinds().stream().map(this::kind).toList();
    int index = 0;
    for (JsonNode validation : spec.path("validations")) {
      String path = "spec.validations[" + index++ + "]";
      check(Json.text(validation, "expression"), path + ".expression", kinds);
      String message = Json.text(validation, "messageExpression");
      if (!message.isEmpty()) {
        check(message, path + ".messageExpression", kinds);
      }
    }
  }

  /** A kind with what expressions may name where an object is one. */
  private record Kind(GroupVersionKind kind, Environment environment) {}

  private void check(String expression, String path, List<Kind> kinds) {
    List<String> problems = new ArrayList<>();
    for (Kind kind : kinds) {
      try {
        kind.environment().compile(expression);
      } catch (MalformedExpressionException e) {
        problems.add(label(kind.kind()) + ": " + e.getMessage() + "\n");
      }
    }
    if (!problems.isEmpty()) {
      warnings.addObject().put("fieldRef", path).put("warning", String.join("\n", problems));
    }
  }

  private static String label(GroupVersionKind kind) {
    return (kind.group().isEmpty() ? "/" : kind.group() + "/")
        + kind.version()
        + ", Kind="
        + kind.kind();
  }

  private Kind kind(ResourceType type) {
    KindTypes types = new KindTypes();
    CelType object = types.of(type.schema(), type.kind().kind());
    JsonNode paramKind = spec.path("paramKind");
    CelType params =
        registry
            .find(Parameters.kind(paramKind))
            .filter(_ -> paramKind.isObject())
            .map(found -> types.of(found.schema(), "params"))
            .orElse(null);
    RequestEnvironment declarations = RequestEnvironment.typed(object, params, types);
    declarations.compile(spec.path("variables"));
    return new Kind(type.kind(), declarations.environment());
  }

  private List<ResourceType> kinds() {
    Comparator<ResourceType> order =
        Comparator.comparing((ResourceType type) -> type.kind().group())
            .thenComparing(type -> type.kind().version())
            .thenComparing(type -> type.kind().kind());
    TreeSet<ResourceType> kinds = new TreeSet<>(order);
    for (JsonNode rule : Json.at(spec, "matchConstraints", "resourceRules")) {
      int count = 0;
      for (JsonNode group : rule.path("apiGroups")) {
        for (JsonNode version : rule.path("apiVersions")) {
          for (JsonNode resource : rule.path("resources")) {
            ResourceType type =
                registry
                    .find(group.asString(""), version.asString(""), resource.asString(""))
                    .orElse(null);
            if (type != null && count++ < MOST_KINDS) {
              kinds.add(type);
            }
          }
        }
      }
    }
    return List.copyOf(kinds);
  }
}
