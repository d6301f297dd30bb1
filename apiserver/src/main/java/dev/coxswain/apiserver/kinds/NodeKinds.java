package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Runtimes that nodes offer. */
final class NodeKinds {
  private NodeKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(kinds.plain("RuntimeClass").plural("runtimeclasses").clusterScoped().build());
  }
}
