package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides by roles and bindings as the watch cache has them. The policy is compiled when one of
 * them has changed, which is rare, and a request looks up only what was given to its user and
 * groups.
 */
public final class RbacAuthorizer implements Authorizer {
  private final ObjectView view;
  private volatile @Nullable Snapshot snapshot;

  /** The policy and the revisions of the four resources from which it was compiled. */
  private record Snapshot(
      long roles,
      long roleBindings,
      long clusterRoles,
      long clusterRoleBindings,
      CompiledPolicy policy) {
    private boolean holds(ObjectView view) {
      return roles == view.revision(CompiledPolicy.ROLES)
          && roleBindings == view.revision(CompiledPolicy.ROLE_BINDINGS)
          && clusterRoles == view.revision(CompiledPolicy.CLUSTER_ROLES)
          && clusterRoleBindings == view.revision(CompiledPolicy.CLUSTER_ROLE_BINDINGS);
    }
  }

  /** An authorizer over these objects. */
  public RbacAuthorizer(ObjectView view) {
    this.view = view;
  }

  @Override
  public Decision authorize(Attributes attributes) {
    Optional<Grant> grant =
        policy()
            .grantsOf(attributes.user(), attributes.resourceRequest() ? attributes.namespace() : "")
            .filter(given -> given.rules().stream().anyMatch(rule -> rule.allows(attributes)))
            .findFirst();
    return grant.isPresent()
        ? new Decision.Allow("RBAC: allowed by " + grant.get().because())
        : new Decision.NoOpinion("");
  }

  /** All rules that hold for the user in the namespace, cluster-wide ones included. */
  public List<PolicyRule> rulesOf(UserInfo user, String namespace) {
    return policy()
        .grantsOf(user, namespace)
        .flatMap(grant -> grant.rules().stream())
        .distinct()
        .toList();
  }

  private CompiledPolicy policy() {
    Snapshot known = snapshot;
    if (known == null || !known.holds(view)) {
      // The revisions are read first: a change that comes meanwhile makes the next request compile
      // anew.
      long roles = view.revision(CompiledPolicy.ROLES);
      long roleBindings = view.revision(CompiledPolicy.ROLE_BINDINGS);
      long clusterRoles = view.revision(CompiledPolicy.CLUSTER_ROLES);
      long clusterRoleBindings = view.revision(CompiledPolicy.CLUSTER_ROLE_BINDINGS);
      known =
          new Snapshot(
              roles, roleBindings, clusterRoles, clusterRoleBindings, CompiledPolicy.compile(view));
      snapshot = known;
    }
    return known.policy();
  }
}
