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
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps a user from granting what it does not hold: a role may only contain rules that its writer
 * holds, unless the writer may {@code escalate}; a binding may only refer to a role that exists and
 * whose rules its writer holds, unless the writer may {@code bind} it.
 */
public final class EscalationGuard implements AdmissionPlugin {
  private static final List<String> ALL = List.of("*");
  private static final List<PolicyRule> EVERYTHING =
      List.of(
          new PolicyRule(ALL, ALL, ALL, List.of(), List.of()),
          new PolicyRule(ALL, List.of(), List.of(), List.of(), ALL));

  /** What a collector of garbage changes, and what changes with any write. */
  private static final List<String> COLLECTED_BY =
      List.of("finalizers", "managedFields", "ownerReferences", "resourceVersion");

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
    if (onlyToBeCollected(request)) {
      return;
    }
    switch (request.resource().resource()) {
      case "roles", "clusterroles" -> {
        if (!may(request, "escalate", request.resource().resource(), request.name())) {
          refuseUnlessHeld(request, PolicyRule.list(object.path("rules")));
          if (gathers(object) || gathers(request.oldObject())) {
            refuseUnlessAlmighty(request);
          }
        }
      }
      case "rolebindings", "clusterrolebindings" -> {
        String kind = object.path("roleRef").path("kind").asString("");
        String role = object.path("roleRef").path("name").asString("");
        boolean everywhere = kind.equals("ClusterRole");
        if (!may(request, "bind", everywhere ? "clusterroles" : "roles", role)) {
          refuseUnlessHeld(
              request, everywhere ? rules("", role) : rules(request.namespace(), role));
        }
      }
      default -> {}
    }
  }

  /**
   * Whether nothing changes but what the collector of garbage needs to let an object go. Everything
   * else counts: by its labels a role is gathered into others, and is theirs from then on.
   */
  private static boolean onlyToBeCollected(AdmissionRequest request) {
    ObjectNode before = request.oldObject();
    ObjectNode after = request.object();
    return before != null && after != null && beside(before).equals(beside(after));
  }

  private static ObjectNode beside(ObjectNode object) {
    ObjectNode rest = object.deepCopy();
    if (rest.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(COLLECTED_BY);
    }
    return rest;
  }

  /** Whether a role has the rules of whichever roles bear certain labels. */
  private static boolean gathers(@Nullable ObjectNode role) {
    return role != null && !role.path("aggregationRule").path("clusterRoleSelectors").isEmpty();
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

  /** What a selector gathers tomorrow cannot be known, so its writer must hold everything. */
  private void refuseUnlessAlmighty(AdmissionRequest request) {
    if (!missing(request, EVERYTHING).isEmpty()) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "must have cluster-admin privileges to use the aggregationRule");
    }
  }

  private List<PolicyRule> missing(AdmissionRequest request, List<PolicyRule> wanted) {
    List<PolicyRule> held = rbac.rulesOf(request.user(), request.namespace());
    return wanted.stream().flatMap(rule -> rule.missingFrom(held).stream()).toList();
  }

  private void refuseUnlessHeld(AdmissionRequest request, List<PolicyRule> wanted) {
    List<PolicyRule> missing = missing(request, wanted);
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
