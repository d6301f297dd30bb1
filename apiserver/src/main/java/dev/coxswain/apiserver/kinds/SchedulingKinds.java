package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Priorities of pods. */
final class SchedulingKinds {
  private SchedulingKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .generational("PriorityClass")
            .plural("priorityclasses")
            .shortNames("pc")
            .clusterScoped()
            .build());
  }
}
