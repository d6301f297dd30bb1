package dev.coxswain.api.quota;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Which objects a ResourceQuota is about: {@code .spec.scopes} and {@code .spec.scopeSelector}. */
public record QuotaScopes(List<Term> terms) {

  /** One scope with its operator; all terms must match. */
  public record Term(String scope, String operator, List<String> values) {}

  public QuotaScopes {
    terms = List.copyOf(terms);
  }

  /** Reads them from a quota's {@code .spec}. */
  public static QuotaScopes of(JsonNode spec) {
    var terms = new ArrayList<Term>();
    for (JsonNode scope : spec.path("scopes")) {
      terms.add(new Term(scope.asString(), "Exists", List.of()));
    }
    for (JsonNode term : Json.at(spec, "scopeSelector", "matchExpressions")) {
      var values = new ArrayList<String>();
      term.path("values").forEach(value -> values.add(value.asString()));
      terms.add(new Term(Json.text(term, "scopeName"), Json.text(term, "operator"), values));
    }
    return new QuotaScopes(terms);
  }

  /** Whether the quota is about this object. Only pods and claims can be told apart by scopes. */
  public boolean match(GroupResource resource, JsonNode object) {
    return terms.stream().allMatch(term -> matches(term, resource, object));
  }

  private static boolean matches(Term term, GroupResource resource, JsonNode object) {
    boolean pod = resource.group().isEmpty() && resource.resource().equals("pods");
    boolean claim =
        resource.group().isEmpty() && resource.resource().equals("persistentvolumeclaims");
    JsonNode spec = object.path("spec");
    return switch (term.scope()) {
      case "BestEffort" -> pod && PodRequests.bestEffort(object);
      case "NotBestEffort" -> pod && !PodRequests.bestEffort(object);
      case "Terminating" -> pod && spec.hasNonNull("activeDeadlineSeconds");
      case "NotTerminating" -> pod && !spec.hasNonNull("activeDeadlineSeconds");
      case "PriorityClass" -> pod && selects(term, Json.text(spec, "priorityClassName"));
      case "CrossNamespacePodAffinity" -> pod && crossesNamespaces(spec.path("affinity"));
      case "VolumeAttributesClass" ->
          claim && selects(term, Json.text(spec, "volumeAttributesClassName"));
      default -> false;
    };
  }

  private static boolean selects(Term term, String value) {
    return switch (term.operator()) {
      case "Exists" -> !value.isEmpty();
      case "DoesNotExist" -> value.isEmpty();
      case "In" -> term.values().contains(value);
      case "NotIn" -> !term.values().contains(value);
      default -> false;
    };
  }

  private static boolean crossesNamespaces(JsonNode affinity) {
    for (String side : List.of("podAffinity", "podAntiAffinity")) {
      JsonNode rules = affinity.path(side);
      for (JsonNode term : rules.path("requiredDuringSchedulingIgnoredDuringExecution")) {
        if (names(term)) {
          return true;
        }
      }
      for (JsonNode term : rules.path("preferredDuringSchedulingIgnoredDuringExecution")) {
        if (names(term.path("podAffinityTerm"))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean names(JsonNode term) {
    return !term.path("namespaces").isEmpty() || term.hasNonNull("namespaceSelector");
  }
}
