package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Leases: who leads, and who is alive. */
final class CoordinationKinds {
  private CoordinationKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(kinds.plain("Lease").build());
  }
}
