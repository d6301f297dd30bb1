package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Who may do what. */
final class RbacKinds {
  private RbacKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.plain("ClusterRoleBinding").clusterScoped().build(),
        kinds.plain("ClusterRole").clusterScoped().build(),
        kinds.plain("RoleBinding").build(),
        kinds.plain("Role").build());
  }
}
