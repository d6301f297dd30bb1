package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Autoscalers. */
final class AutoscalingKinds {
  private AutoscalingKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.withStatus("HorizontalPodAutoscaler").shortNames("hpa").categories("all").build());
  }
}
