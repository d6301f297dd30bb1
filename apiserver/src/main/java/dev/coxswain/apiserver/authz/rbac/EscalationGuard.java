package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.request.Failures;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps a user from granting what it does not hold: a role may only contain rules that its writer
 * holds, unless the writer may {@code escalate}; a binding may only refer to a role that exists and
 * whose rules its writer holds, unless the writer may {@code bind} it.
 */
public final class EscalationGuard implements AdmissionPlugin {
  private final RbacAuthorizer rbac;
  private final Authorizer authorizer;
  private final ClusterObjects objects;

  /**
   * A guard.
   *
   * @param rbac whose rules a user must hold
   * @param authorizer the whole chain, which is asked for {@code escalate} and {@code bind}
   * @param objects where the roles stand
   */
  public EscalationGuard(RbacAuthorizer rbac, Authorizer authorizer, ClusterObjects objects) {
    this.rbac = rbac;
    this.authorizer = authorizer;
    this.objects = objects;
  }

  @Override
  public String name() {
    return "RBACEscalation";
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null
        || !request.resource().group().equals(CompiledPolicy.GROUP)
        || request.user().in(UserInfo.MASTERS)) {
      return;
    }
    switch (request.resource().resource()) {
      case "roles", "clusterroles" -> {
        if (!unchanged(request, "rules") || !unchanged(request, "aggregationRule")) {
          if (!object.path("aggregationRule").isMissingNode()
              && !unchanged(request, "aggregationRule")) {
            // What a selector gathers tomorrow cannot be known, so its writer must hold everything.
            refuseUnlessHeld(
                request,
                List.of(
                    new PolicyRule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of())),
                "escalate");
          }
          refuseUnlessHeld(request, PolicyRule.list(object.path("rules")), "escalate");
        }
      }
      case "rolebindings", "clusterrolebindings" -> {
        if (!unchanged(request, "roleRef") || !unchanged(request, "subjects")) {
          String kind = object.path("roleRef").path("kind").asString("");
          String role = object.path("roleRef").path("name").asString("");
          boolean everywhere = kind.equals("ClusterRole");
          if (!may(request, "bind", everywhere ? "clusterroles" : "roles", role)) {
            refuseUnlessHeld(
                request, everywhere ? rules("", role) : rules(request.namespace(), role), "");
          }
        }
      }
      default -> {}
    }
  }

  /** The rules of a role that is there: what somebody puts into one later is not known now. */
  private List<PolicyRule> rules(String namespace, String name) {
    GroupResource resource =
        namespace.isEmpty() ? CompiledPolicy.CLUSTER_ROLES : CompiledPolicy.ROLES;
    return objects
        .find(resource, new ObjectKey(namespace, name))
        .map(role -> PolicyRule.list(role.path("rules")))
        .orElseThrow(() -> Failures.notFound(resource, name));
  }

  private static boolean unchanged(AdmissionRequest request, String field) {
    ObjectNode before = request.oldObject();
    ObjectNode after = request.object();
    return before != null && after != null && before.path(field).equals(after.path(field));
  }

  private void refuseUnlessHeld(AdmissionRequest request, List<PolicyRule> wanted, String unless) {
    if (!unless.isEmpty() && may(request, unless, request.resource().resource(), request.name())) {
      return;
    }
    List<PolicyRule> held = rbac.rulesOf(request.user(), request.namespace());
    List<PolicyRule> missing =
        wanted.stream().flatMap(rule -> rule.missingFrom(held).stream()).toList();
    if (!missing.isEmpty()) {
      throw new ApiException(
          new ApiStatus(
              StatusReason.FORBIDDEN.code(),
              StatusReason.FORBIDDEN,
              "%s \"%s\" is forbidden: user \"%s\" (groups=[\"%s\"]) is attempting to grant RBAC permissions not currently held:\n%s"
                  .formatted(
                      request.resource(),
                      request.name(),
                      request.user().name(),
                      String.join("\" \"", request.user().groups()),
                      missing.stream().map(PolicyRule::toString).collect(Collectors.joining("\n"))),
              new ApiStatus.Details(
                  request.name(),
                  request.resource().group(),
                  request.resource().resource(),
                  "",
                  List.of(),
                  0)));
    }
  }

  private boolean may(AdmissionRequest request, String verb, String resource, String name) {
    Attributes attributes =
        new Attributes(
            request.user(),
            verb,
            true,
            CompiledPolicy.GROUP,
            "v1",
            resource,
            "",
            request.namespace(),
            name,
            "");
    return authorizer.authorize(attributes) instanceof Decision.Allow;
  }
}
