package dev.coxswain.controllers.clusterrole;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes into each cluster role with an {@code aggregationRule} the rules of those that it gathers.
 * A role that gathers one that gathers others comes to have the rules of these, too, one step after
 * the other.
 */
public final class ClusterRoleAggregationController implements Reconciler<ClusterRole> {
  private static final String NAME = "clusterrole-aggregation-controller";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Watches<ClusterRole> watches() {
    // Whom a role is gathered by only the others' selectors say, and which gathered it before only
    // their rules. There are few of them.
    return Watches.of(ClusterRole.class)
        .on(
            ClusterRole.class,
            (change, view) ->
                view.all(ClusterRole.class).stream()
                    .filter(role -> role.getAggregationRule() != null)
                    .map(Meta::key)
                    .toList());
  }

  @Override
  public Outcome reconcile(ClusterRole wanted, View view, Actions act) {
    if (wanted.getAggregationRule() != null) {
      List<PolicyRule> rules = gathered(wanted, view);
      if (!rules.equals(Meta.list(wanted.getRules()))) {
        act.patch(wanted, new Patch.Apply(configuration(wanted, rules).toString(), NAME, true));
      }
    }
    return Outcome.done();
  }

  /** By selectors, then by name, each rule where it comes first: the same at any time. */
  private static List<PolicyRule> gathered(ClusterRole wanted, View view) {
    Set<PolicyRule> rules = new LinkedHashSet<>();
    for (var selector : Meta.list(wanted.getAggregationRule().getClusterRoleSelectors())) {
      LabelSelector wants = Selectors.of(selector);
      view.all(ClusterRole.class).stream()
          .filter(role -> wants.matches(Meta.labels(role)))
          .filter(role -> !Meta.name(role).equals(Meta.name(wanted)))
          .sorted(Comparator.comparing(Meta::name))
          .forEach(role -> rules.addAll(Meta.list(role.getRules())));
    }
    return List.copyOf(rules);
  }

  /** Of this very role: one that has been deleted meanwhile does not come back by it. */
  private static ObjectNode configuration(ClusterRole role, List<PolicyRule> rules) {
    ObjectNode configuration = Json.object();
    configuration.put("apiVersion", "rbac.authorization.k8s.io/v1").put("kind", "ClusterRole");
    configuration.putObject("metadata").put("name", Meta.name(role)).put("uid", Meta.uid(role));
    ArrayNode list = configuration.putArray("rules");
    for (PolicyRule rule : rules) {
      ObjectNode json = list.addObject();
      put(json, "apiGroups", rule.getApiGroups());
      put(json, "nonResourceURLs", rule.getNonResourceURLs());
      put(json, "resourceNames", rule.getResourceNames());
      put(json, "resources", rule.getResources());
      put(json, "verbs", rule.getVerbs());
    }
    return configuration;
  }

  private static void put(ObjectNode rule, String field, @Nullable List<String> values) {
    if (!Meta.list(values).isEmpty()) {
      ArrayNode list = rule.putArray(field);
      Meta.list(values).forEach(list::add);
    }
  }
}
