package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.service.EndpointsStrategy;
import dev.coxswain.apiserver.kinds.service.ServiceColumns;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Where the endpoints of services are. */
final class DiscoveryKinds {
  private DiscoveryKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("EndpointSlice", new EndpointsStrategy(kinds.schema("EndpointSlice"), true))
            .columns(ServiceColumns.slice())
            .build());
  }
}
