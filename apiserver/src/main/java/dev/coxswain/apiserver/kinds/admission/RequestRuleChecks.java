package dev.coxswain.apiserver.kinds.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What is wrong with the rules that say which requests are meant, of webhooks and of policies. The
 * texts are upstream's.
 */
public final class RequestRuleChecks {
  private static final String ALL = "*";
  private static final List<String> OPERATIONS =
      List.of(ALL, "CONNECT", "CREATE", "DELETE", "UPDATE");
  private static final List<String> SCOPES = List.of(ALL, "Cluster", "Namespaced");

  private RequestRuleChecks() {}

  /** Checks one rule. */
  public static void check(JsonNode rule, String path, List<FieldError> errors) {
    List<String> operations =
        present(rule, "operations", path, "must not specify other operations", errors);
    for (int i = 0; i < operations.size(); i++) {
      if (!OPERATIONS.contains(operations.get(i))) {
        errors.add(
            FieldError.notSupported(
                path + ".operations[" + i + "]", operations.get(i), OPERATIONS));
      }
    }
    present(rule, "apiGroups", path, "must not specify other API groups", errors);
    List<String> versions =
        present(rule, "apiVersions", path, "must not specify other API versions", errors);
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i).isEmpty()) {
        errors.add(FieldError.required(path + ".apiVersions[" + i + "]", ""));
      }
    }
    resources(rule.path("resources"), path + ".resources", errors);
    String scope = Json.text(rule, "scope");
    if (!scope.isEmpty() && !SCOPES.contains(scope)) {
      errors.add(FieldError.notSupported(path + ".scope", scope, SCOPES));
    }
  }

  private static List<String> present(
      JsonNode rule, String field, String path, String alone, List<FieldError> errors) {
    List<String> values = texts(rule.path(field));
    if (values.isEmpty()) {
      errors.add(FieldError.required(path + "." + field, ""));
    } else if (values.size() > 1 && values.contains(ALL)) {
      errors.add(
          FieldError.invalid(path + "." + field, rule.path(field), "if '*' is present, " + alone));
    }
    return values;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString("")));
    return texts;
  }

  private static void resources(JsonNode list, String path, List<FieldError> errors) {
    List<String> resources = texts(list);
    if (resources.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    }
    Set<String> allBelow = new HashSet<>();
    Set<String> belowAll = new HashSet<>();
    boolean plain = false;
    for (int i = 0; i < resources.size(); i++) {
      String given = resources.get(i);
      String place = path + "[" + i + "]";
      int slash = given.indexOf('/');
      if (given.isEmpty()) {
        errors.add(FieldError.required(place, ""));
      } else if (slash < 0) {
        plain |= !given.equals(ALL);
      } else {
        String resource = given.substring(0, slash);
        String below = given.substring(slash + 1);
        if (allBelow.contains(resource)) {
          errors.add(
              FieldError.invalid(
                  place, given, "if '" + resource + "/*' is present, must not specify " + given));
        }
        if (belowAll.contains(below)) {
          errors.add(
              FieldError.invalid(
                  place, given, "if '*/" + below + "' is present, must not specify " + given));
        }
        if (below.equals(ALL)) {
          allBelow.add(resource);
        }
        if (resource.equals(ALL)) {
          belowAll.add(below);
        }
      }
    }
    if (resources.size() > 1 && resources.contains("*/*")) {
      errors.add(
          FieldError.invalid(path, list, "if '*/*' is present, must not specify other resources"));
    }
    if (resources.contains(ALL) && plain) {
      errors.add(
          FieldError.invalid(
              path,
              list,
              "if '*' is present, must not specify other resources without subresources"));
    }
  }
}
