package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Which requests a webhook or a policy is about.
 *
 * @param rules one of these must mean the request
 * @param excluded requests that are not meant after all
 * @param equivalent whether requests by other versions of the same resource count
 * @param namespaces selects the namespaces
 * @param objects selects the objects
 */
public record Criteria(
    List<RequestRule> rules,
    List<RequestRule> excluded,
    boolean equivalent,
    LabelSelector namespaces,
    LabelSelector objects) {

  /**
   * Reads {@code matchConstraints} of a policy or {@code matchResources} of a binding; one without
   * rules means every request.
   */
  public static Criteria of(JsonNode match) {
    Criteria given = of(match, "resourceRules");
    return given.rules.isEmpty()
        ? new Criteria(
            List.of(RequestRule.EVERYTHING),
            given.excluded,
            given.equivalent,
            given.namespaces,
            given.objects)
        : given;
  }

  /** Reads what a webhook or a policy says, whose rules stand in this field. */
  static Criteria of(JsonNode match, String rules) {
    return new Criteria(
        rules(match.path(rules)),
        rules(match.path("excludeResourceRules")),
        !Json.text(match, "matchPolicy").equals("Exact"),
        selector(match.path("namespaceSelector")),
        selector(match.path("objectSelector")));
  }

  private static List<RequestRule> rules(JsonNode list) {
    List<RequestRule> rules = new ArrayList<>();
    list.forEach(rule -> rules.add(RequestRule.of(rule)));
    return List.copyOf(rules);
  }

  /** A selector that is left out selects everything. */
  private static LabelSelector selector(JsonNode selector) {
    return selector.isObject() ? LabelSelector.of(selector) : LabelSelector.EVERYTHING;
  }
}
