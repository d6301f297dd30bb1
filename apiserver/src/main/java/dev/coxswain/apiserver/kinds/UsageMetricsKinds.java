package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Verb;
import java.util.List;

/** What nodes and pods use: not stored, but made when asked for. */
final class UsageMetricsKinds {
  private UsageMetricsKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        declare(kinds, "NodeMetrics").plural("nodes").clusterScoped().build(),
        declare(kinds, "PodMetrics").plural("pods").build());
  }

  private static ResourceType.Builder declare(Kinds kinds, String kind) {
    return kinds.review(kind).singular("").verbs(Verb.GET, Verb.LIST);
  }
}
