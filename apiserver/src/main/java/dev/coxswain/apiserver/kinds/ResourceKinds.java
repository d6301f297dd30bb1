package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Devices that pods can claim. */
final class ResourceKinds {
  private ResourceKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.generational("DeviceClass").plural("deviceclasses").clusterScoped().build(),
        kinds.withStatus("ResourceClaim").build(),
        kinds.plain("ResourceClaimTemplate").build(),
        kinds.plain("ResourceSlice").clusterScoped().build());
  }
}
