package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Which requests are meant, as {@code rules} and {@code resourceRules} say it.
 *
 * @param operations {@code CREATE}, {@code UPDATE}, {@code DELETE}, {@code CONNECT} or {@code *}
 * @param groups API groups; the core group is empty
 * @param versions API versions
 * @param resources plurals with or without a subresource: {@code pods}, {@code pods/*}, {@code *}
 * @param scope {@code Cluster}, {@code Namespaced} or {@code *}
 * @param names the names of the objects; empty where any is meant
 */
public record RequestRule(
    List<String> operations,
    List<String> groups,
    List<String> versions,
    List<String> resources,
    String scope,
    List<String> names) {

  private static final String ALL = "*";

  /** Means every request. */
  static final RequestRule EVERYTHING =
      new RequestRule(List.of(ALL), List.of(ALL), List.of(ALL), List.of("*/*"), ALL, List.of());

  /** Reads one. */
  public static RequestRule of(JsonNode rule) {
    String scope = Json.text(rule, "scope");
    return new RequestRule(
        texts(rule.path("operations")),
        texts(rule.path("apiGroups")),
        texts(rule.path("apiVersions")),
        texts(rule.path("resources")),
        scope.isEmpty() ? ALL : scope,
        texts(rule.path("resourceNames")));
  }

  /**
   * What a request is about.
   *
   * @param namespace empty for a cluster-scoped object; a namespace's own name for a namespace
   */
  public record About(
      String operation,
      String group,
      String version,
      String resource,
      String subresource,
      String namespace,
      String name) {

    private boolean isNamespace() {
      return group.isEmpty() && version.equals("v1") && resource.equals("namespaces");
    }
  }

  /** Whether the request is meant. */
  public boolean matches(About about) {
    return scope(about)
        && has(operations, about.operation())
        && has(groups, about.group())
        && has(versions, about.version())
        && resource(about)
        && (names.isEmpty() || names.contains(about.name()));
  }

  private boolean scope(About about) {
    return switch (scope) {
      case "Namespaced" -> !about.isNamespace() && !about.namespace().isEmpty();
      case "Cluster" -> about.isNamespace() || about.namespace().isEmpty();
      default -> true;
    };
  }

  private boolean resource(About about) {
    for (String wanted : resources) {
      int slash = wanted.indexOf('/');
      String resource = slash < 0 ? wanted : wanted.substring(0, slash);
      String subresource = slash < 0 ? "" : wanted.substring(slash + 1);
      if ((resource.equals(ALL) || resource.equals(about.resource()))
          && (subresource.equals(ALL) || subresource.equals(about.subresource()))) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(List<String> wanted, String value) {
    return wanted.contains(ALL) || wanted.contains(value);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString("")));
    return List.copyOf(texts);
  }
}
