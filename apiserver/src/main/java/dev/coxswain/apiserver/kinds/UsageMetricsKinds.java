package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Verb;
import java.util.List;

/** What nodes and pods use: not stored, but made when asked for. */
final class UsageMetricsKinds {
  private UsageMetricsKinds() {}

  static List<ResourceType> types() {
    return List.of(
        declare("NodeMetrics").plural("nodes").clusterScoped().build(),
        declare("PodMetrics").plural("pods").build());
  }

  private static ResourceType.Builder declare(String kind) {
    return ResourceType.of("metrics.k8s.io", "v1beta1", kind)
        .singular("")
        .notStored()
        .verbs(Verb.GET, Verb.LIST);
  }
}
