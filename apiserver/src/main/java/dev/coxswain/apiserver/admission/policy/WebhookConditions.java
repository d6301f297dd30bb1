package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.webhook.MatchConditions;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Authorizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Evaluates the match conditions of webhooks. */
public final class WebhookConditions implements MatchConditions {
  /** How many lists of conditions are kept compiled; more than any cluster has. */
  private static final int KEPT = 256;

  private final Authorizer authorizer;
  private final Map<String, ConditionSet> compiled = new ConcurrentHashMap<>();

  /** Conditions that may ask an authorizer. */
  public WebhookConditions(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  @Override
  public boolean hold(JsonNode conditions, ObjectNode request) throws UnevaluatedException {
    String text = conditions.toString();
    if (compiled.size() >= KEPT && !compiled.containsKey(text)) {
      compiled.clear();
    }
    ConditionSet set =
        compiled.computeIfAbsent(
            text,
            _ -> ConditionSet.of(conditions, RequestEnvironment.untyped(false).environment()));
    Scene scene = new Scene(request, null, user(request.path("userInfo")), authorizer);
    ConditionSet.Result result = set.evaluate(scene.with(null), List.of());
    if (!result.error().isEmpty()) {
      throw new UnevaluatedException(result.error());
    }
    return result.holds();
  }

  private static UserInfo user(JsonNode json) {
    List<String> groups = new ArrayList<>();
    json.path("groups").forEach(group -> groups.add(group.asString("")));
    Map<String, List<String>> extra = new HashMap<>();
    json.path("extra")
        .properties()
        .forEach(entry -> {
          List<String> values = new ArrayList<>();
          entry.getValue().forEach(value -> values.add(value.asString("")));
          extra.put(entry.getKey(), values);
        });
    return new UserInfo(Json.text(json, "username"), Json.text(json, "uid"), groups, extra);
  }
}
