package dev.coxswain.apiserver.kinds.rbac;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of roles. */
public final class RoleStrategy extends StandardStrategy {
  private final boolean namespaced;

  /**
   * Rules on a shape.
   *
   * @param namespaced whether these are the roles of a namespace
   */
  public RoleStrategy(Schema schema, boolean namespaced) {
    super(schema, false, false);
    this.namespaced = namespaced;
  }

  @Override
  public boolean mayCreateOnUpdate() {
    return true;
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    int index = 0;
    for (JsonNode rule : object.path("rules")) {
      rule(rule, "rules[" + index++ + "]", errors);
    }
    JsonNode aggregation = object.path("aggregationRule");
    if (aggregation.isObject() && aggregation.path("clusterRoleSelectors").isEmpty()) {
      errors.add(
          FieldError.required(
              "aggregationRule.clusterRoleSelectors",
              "at least one clusterRoleSelector required if aggregationRule is non-nil"));
    }
    index = 0;
    for (JsonNode selector : object.path("aggregationRule").path("clusterRoleSelectors")) {
      Checks.selector(selector, "aggregationRule.clusterRoleSelectors[" + index++ + "]", errors);
    }
  }

  private void rule(JsonNode rule, String path, List<FieldError> errors) {
    if (rule.path("verbs").isEmpty()) {
      errors.add(FieldError.required(path + ".verbs", "verbs must contain at least one value"));
    }
    boolean urls = !rule.path("nonResourceURLs").isEmpty();
    boolean resources =
        !rule.path("apiGroups").isEmpty()
            || !rule.path("resources").isEmpty()
            || !rule.path("resourceNames").isEmpty();
    if (urls) {
      if (namespaced) {
        errors.add(
            FieldError.invalid(
                path + ".nonResourceURLs",
                rule.path("nonResourceURLs"),
                "namespaced rules cannot apply to non-resource URLs"));
      }
      if (resources) {
        errors.add(
            FieldError.invalid(
                path + ".nonResourceURLs",
                rule.path("nonResourceURLs"),
                "rules cannot apply to both regular resources and non-resource URLs"));
      }
      return;
    }
    if (rule.path("apiGroups").isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".apiGroups", "resource rules must supply at least one api group"));
    }
    if (rule.path("resources").isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".resources", "resource rules must supply at least one resource"));
    }
  }
}
