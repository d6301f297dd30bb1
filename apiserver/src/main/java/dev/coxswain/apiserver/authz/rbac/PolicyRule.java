package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.apiserver.authz.Attributes;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One rule of a role; each list is an "any of", {@code *} stands for everything.
 *
 * @param verbs the verbs
 * @param apiGroups the groups of the resources
 * @param resources plurals, {@code plural/subresource}, or {@code *}{@code /subresource}
 * @param resourceNames only these objects; empty for all
 * @param nonResourceUrls paths, which may end in {@code *}
 */
public record PolicyRule(
    List<String> verbs,
    List<String> apiGroups,
    List<String> resources,
    List<String> resourceNames,
    List<String> nonResourceUrls) {
  private static final String ALL = "*";

  public PolicyRule {
    verbs = List.copyOf(verbs);
    apiGroups = List.copyOf(apiGroups);
    resources = List.copyOf(resources);
    resourceNames = List.copyOf(resourceNames);
    nonResourceUrls = List.copyOf(nonResourceUrls);
  }

  /** Reads the {@code rules} field of a role; what is missing is empty. */
  public static List<PolicyRule> list(JsonNode rules) {
    List<PolicyRule> list = new ArrayList<>(rules.size());
    for (JsonNode rule : rules) {
      list.add(
          new PolicyRule(
              strings(rule.path("verbs")),
              strings(rule.path("apiGroups")),
              strings(rule.path("resources")),
              strings(rule.path("resourceNames")),
              strings(rule.path("nonResourceURLs"))));
    }
    return list;
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>(array.size());
    for (JsonNode element : array) {
      strings.add(element.asString(""));
    }
    return strings;
  }

  /** The rule as it stands in a role. */
  ObjectNode json() {
    ObjectNode rule = JsonNodeFactory.instance.objectNode();
    put(rule, "apiGroups", apiGroups);
    put(rule, "nonResourceURLs", nonResourceUrls);
    put(rule, "resourceNames", resourceNames);
    put(rule, "resources", resources);
    put(rule, "verbs", verbs);
    return rule;
  }

  private static void put(ObjectNode rule, String field, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = rule.putArray(field);
      values.forEach(array::add);
    }
  }

  /** Whether the rule allows the request. */
  boolean allows(Attributes request) {
    if (!request.resourceRequest()) {
      return has(verbs, request.verb())
          && nonResourceUrls.stream().anyMatch(url -> pathMatches(url, request.path()));
    }
    return has(verbs, request.verb())
        && has(apiGroups, request.group())
        && resourceMatches(request.resourceWithSubresource(), request.subresource())
        && (resourceNames.isEmpty() || resourceNames.contains(request.name()));
  }

  private boolean resourceMatches(String combined, String subresource) {
    for (String resource : resources) {
      if (resource.equals(ALL) || resource.equals(combined)) {
        return true;
      }
      if (!subresource.isEmpty()
          && resource.startsWith("*/")
          && resource.substring(2).equals(subresource)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether this rule alone allows everything the narrow one does; the narrow one names one thing
   * of each kind.
   */
  private boolean covers(PolicyRule narrow) {
    if (!narrow.nonResourceUrls.isEmpty()) {
      return has(verbs, narrow.verbs.getFirst())
          && nonResourceUrls.stream()
              .anyMatch(url -> pathMatches(url, narrow.nonResourceUrls.getFirst()));
    }
    String resource = narrow.resources.getFirst();
    String subresource =
        resource.contains("/") ? resource.substring(resource.indexOf('/') + 1) : "";
    return has(verbs, narrow.verbs.getFirst())
        && has(apiGroups, narrow.apiGroups.getFirst())
        && resourceMatches(resource, subresource)
        && (resourceNames.isEmpty()
            || (!narrow.resourceNames.isEmpty()
                && resourceNames.contains(narrow.resourceNames.getFirst())));
  }

  /**
   * The single permissions of this rule that none of the held rules gives, each as a rule of its
   * own.
   */
  List<PolicyRule> missingFrom(List<PolicyRule> held) {
    return single().stream()
        .filter(narrow -> held.stream().noneMatch(rule -> rule.covers(narrow)))
        .toList();
  }

  private List<PolicyRule> single() {
    List<PolicyRule> singles = new ArrayList<>();
    for (String verb : verbs) {
      for (String url : nonResourceUrls) {
        singles.add(new PolicyRule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
      }
      for (String group : apiGroups) {
        for (String resource : resources) {
          if (resourceNames.isEmpty()) {
            singles.add(
                new PolicyRule(
                    List.of(verb), List.of(group), List.of(resource), List.of(), List.of()));
          }
          for (String name : resourceNames) {
            singles.add(
                new PolicyRule(
                    List.of(verb), List.of(group), List.of(resource), List.of(name), List.of()));
          }
        }
      }
    }
    return singles;
  }

  private static boolean has(List<String> values, String value) {
    return values.contains(ALL) || values.contains(value);
  }

  private static boolean pathMatches(String pattern, String path) {
    return pattern.endsWith(ALL)
        ? path.startsWith(pattern.substring(0, pattern.length() - 1))
        : pattern.equals(path);
  }

  /**
   * As upstream's messages spell a rule: {@code {APIGroups:[""], Resources:["pods"],
   * Verbs:["get"]}}.
   */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    append(parts, "APIGroups", apiGroups);
    append(parts, "Resources", resources);
    append(parts, "ResourceNames", resourceNames);
    append(parts, "NonResourceURLs", nonResourceUrls);
    append(parts, "Verbs", verbs);
    return "{" + String.join(", ", parts) + "}";
  }

  private static void append(List<String> parts, String label, List<String> values) {
    if (!values.isEmpty()) {
      parts.add(label + ":[\"" + String.join("\" \"", values) + "\"]");
    }
  }
}
