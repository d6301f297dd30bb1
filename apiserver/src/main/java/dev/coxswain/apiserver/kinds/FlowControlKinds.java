package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Priority and fairness of requests. */
final class FlowControlKinds {
  private FlowControlKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.generationalWithStatus("FlowSchema").clusterScoped().build(),
        kinds.generationalWithStatus("PriorityLevelConfiguration").clusterScoped().build());
  }
}
