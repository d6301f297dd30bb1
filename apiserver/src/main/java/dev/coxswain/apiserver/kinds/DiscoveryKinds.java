package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Where the endpoints of services are. */
final class DiscoveryKinds {
  private DiscoveryKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(kinds.generational("EndpointSlice").build());
  }
}
