package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of ResourceQuotas: which scopes there are, and what can be limited within each. */
public final class QuotaStrategy extends StandardStrategy {
  private static final String SCOPES = "spec.scopes";
  private static final String TERMS = "spec.scopeSelector.matchExpressions";
  private static final String BEST_EFFORT = "BestEffort";
  private static final String NOT_WITH_RESOURCE = "unsupported scope applied to resource";

  private static final Set<String> PODS = Set.of("pods");
  private static final Set<String> COMPUTE =
      Set.of(
          "pods",
          "cpu",
          "memory",
          "requests.cpu",
          "requests.memory",
          "limits.cpu",
          "limits.memory");
  private static final Set<String> CLAIMS = Set.of("persistentvolumeclaims", "requests.storage");

  /** What each scope can be combined with, of the resources below. */
  private static final Map<String, Set<String>> WITHIN =
      Map.of(
          BEST_EFFORT,
          PODS,
          "NotBestEffort",
          COMPUTE,
          "Terminating",
          COMPUTE,
          "NotTerminating",
          COMPUTE,
          "PriorityClass",
          COMPUTE,
          "CrossNamespacePodAffinity",
          COMPUTE,
          "VolumeAttributesClass",
          CLAIMS);

  /** Quotas' own words; everything else has a slash in its name and goes with any scope. */
  private static final Set<String> STANDARD =
      Set.of(
          "cpu",
          "memory",
          "ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.storage",
          "requests.ephemeral-storage",
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage",
          "pods",
          "resourcequotas",
          "services",
          "replicationcontrollers",
          "secrets",
          "persistentvolumeclaims",
          "configmaps",
          "services.nodeports",
          "services.loadbalancers");

  /** Of what is measured and not counted there may be parts. */
  private static final List<String> MEASURED = List.of("cpu", "memory", "storage");

  private static final List<Set<String>> OPPOSITES =
      List.of(Set.of(BEST_EFFORT, "NotBestEffort"), Set.of("Terminating", "NotTerminating"));

  /** Scopes that select by values; the others are there or not. */
  private static final Set<String> WITH_VALUES = Set.of("PriorityClass", "VolumeAttributesClass");

  /** Rules for quotas of this shape. */
  public QuotaStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    for (Map.Entry<String, JsonNode> limit : spec.path("hard").properties()) {
      String name = limit.getKey();
      String at = "spec.hard[" + name + "]";
      if (name.indexOf('/') < 0 && !STANDARD.contains(name) && !name.contains("hugepages-")) {
        errors.add(FieldError.invalid(at, name, "must be a standard resource for quota"));
      }
      amount(Quantity.parse(limit.getValue().asString("0")), name, at, errors);
    }
    List<String> scopes = new ArrayList<>();
    spec.path("scopes").forEach(scope -> scopes.add(scope.asString("")));
    for (String scope : scopes) {
      checkScope(scope, SCOPES, spec.path("scopes"), spec.path("hard"), errors);
    }
    if (OPPOSITES.stream().anyMatch(scopes::containsAll)) {
      errors.add(FieldError.invalid(SCOPES, spec.path("scopes"), "conflicting scopes"));
    }
    selector(spec, errors);
  }

  private static void amount(Quantity value, String name, String at, List<FieldError> errors) {
    if (value.signum() < 0) {
      errors.add(FieldError.invalid(at, value.toString(), "must be greater than or equal to 0"));
    }
    if (isCounted(name) && value.compareTo(Quantity.of(value.rounded())) != 0) {
      errors.add(FieldError.invalid(at, value.toString(), "must be an integer"));
    }
  }

  private static boolean isCounted(String name) {
    if (name.indexOf('/') < 0) {
      return STANDARD.contains(name) && MEASURED.stream().noneMatch(name::endsWith);
    }
    return !name.contains("kubernetes.io/") && !name.startsWith("requests.");
  }

  private static void selector(JsonNode spec, List<FieldError> errors) {
    List<String> scopes = new ArrayList<>();
    for (JsonNode term : Json.at(spec, "scopeSelector", "matchExpressions")) {
      String scope = Json.text(term, "scopeName");
      scopes.add(scope);
      checkScope(scope, TERMS, scope, spec.path("hard"), errors);
      operator(scope, term, errors);
    }
    if (OPPOSITES.stream().anyMatch(scopes::containsAll)) {
      errors.add(FieldError.invalid(TERMS, scopes, "conflicting scopes"));
    }
  }

  private static void checkScope(
      String scope, String path, Object shown, JsonNode hard, List<FieldError> errors) {
    Set<String> allowed = WITHIN.get(scope);
    // A scope that there is not is told with the shape.
    if (allowed != null
        && hard.propertyNames().stream()
            .anyMatch(name -> STANDARD.contains(name) && !allowed.contains(name))) {
      errors.add(FieldError.invalid(path, shown, NOT_WITH_RESOURCE));
    }
  }

  private static void operator(String scope, JsonNode term, List<FieldError> errors) {
    String operator = Json.text(term, "operator");
    boolean values = !term.path("values").isEmpty();
    if (WITHIN.containsKey(scope) && !WITH_VALUES.contains(scope) && !operator.equals("Exists")) {
      errors.add(
          FieldError.invalid(
              TERMS + ".operator",
              operator,
              "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating,"
                  + " ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort,"
                  + " ResourceQuotaScopeNotBestEffort or"
                  + " ResourceQuotaScopeCrossNamespacePodAffinity"));
    }
    switch (operator) {
      case "In", "NotIn" -> {
        if (!values) {
          errors.add(
              FieldError.required(
                  TERMS + ".values",
                  "must be at least one value when `operator` is 'In' or 'NotIn' for scope"
                      + " selector"));
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (values) {
          errors.add(
              FieldError.invalid(
                  TERMS + ".values",
                  term.path("values"),
                  "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope"
                      + " selector"));
        }
      }
      default -> {
        // Told with the shape.
      }
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    JsonNode now = Json.at(object, "spec", "scopes");
    JsonNode before = Json.at(old, "spec", "scopes");
    // In whatever order.
    if (!Set.copyOf(now.valueStream().toList()).equals(Set.copyOf(before.valueStream().toList()))) {
      Checks.immutable(now, before, SCOPES, errors);
    }
  }
}
