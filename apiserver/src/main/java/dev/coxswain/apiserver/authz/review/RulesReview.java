package dev.coxswain.apiserver.authz.review;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.rbac.PolicyRule;
import dev.coxswain.apiserver.authz.rbac.RbacAuthorizer;
import dev.coxswain.apiserver.request.ReviewHandler;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers {@code selfsubjectrulesreviews}: {@code kubectl auth can-i --list}. */
public final class RulesReview implements ReviewHandler {
  private static final PolicyRule EVERY_RESOURCE =
      new PolicyRule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of());
  private static final PolicyRule EVERY_PATH =
      new PolicyRule(List.of("*"), List.of(), List.of(), List.of(), List.of("*"));

  private final RbacAuthorizer rbac;

  /** Answers from the roles alone; what a node authorizer adds cannot be listed. */
  public RulesReview(RbacAuthorizer rbac) {
    this.rbac = rbac;
  }

  @Override
  public ObjectNode create(Review review) {
    String namespace = review.body().path("spec").path("namespace").asString("");
    if (namespace.isEmpty()) {
      throw new ApiException(StatusReason.BAD_REQUEST, "no namespace on request");
    }
    ObjectNode answer = review.body().deepCopy();
    ObjectNode status = answer.putObject("status");
    ArrayNode resources = status.putArray("resourceRules");
    ArrayNode paths = status.putArray("nonResourceRules");
    for (PolicyRule rule : rules(review.user(), namespace)) {
      if (rule.nonResourceUrls().isEmpty()) {
        ObjectNode one = resources.addObject();
        put(one, "verbs", rule.verbs());
        put(one, "apiGroups", rule.apiGroups());
        put(one, "resources", rule.resources());
        put(one, "resourceNames", rule.resourceNames());
      } else {
        ObjectNode one = paths.addObject();
        put(one, "verbs", rule.verbs());
        put(one, "nonResourceURLs", rule.nonResourceUrls());
      }
    }
    status.put("incomplete", review.user().in("system:nodes"));
    return answer;
  }

  private List<PolicyRule> rules(UserInfo user, String namespace) {
    return user.in(UserInfo.MASTERS)
        ? List.of(EVERY_RESOURCE, EVERY_PATH)
        : rbac.rulesOf(user, namespace);
  }

  private static void put(ObjectNode rule, String field, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = rule.putArray(field);
      values.forEach(array::add);
    }
  }
}
