package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.webhook.Criteria;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A binding of an admission policy: where it applies, and what becomes of a violation.
 *
 * @param policy the name of the policy
 * @param criteria the requests, among those of the policy
 * @param paramRef where the parameters are; missing where there are none
 * @param actions {@code Deny}, {@code Warn}, {@code Audit}; none for a policy that mutates
 */
record PolicyBinding(
    String name, String policy, Criteria criteria, JsonNode paramRef, List<String> actions) {

  static PolicyBinding of(ObjectNode binding) {
    JsonNode spec = binding.path("spec");
    List<String> actions = new ArrayList<>();
    spec.path("validationActions").forEach(action -> actions.add(action.asString("")));
    return new PolicyBinding(
        Json.text(binding, "metadata", "name"),
        Json.text(spec, "policyName"),
        Criteria.of(spec.path("matchResources")),
        spec.path("paramRef"),
        List.copyOf(actions));
  }
}
