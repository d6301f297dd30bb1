package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Limits to voluntary disruption. */
final class PolicyKinds {
  private PolicyKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(kinds.generationalWithStatus("PodDisruptionBudget").shortNames("pdb").build());
  }
}
