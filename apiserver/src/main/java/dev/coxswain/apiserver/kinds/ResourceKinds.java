package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.device.DeviceStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Devices that pods can claim. */
final class ResourceKinds {
  private ResourceKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("DeviceClass", new DeviceStrategy(kinds.schema("DeviceClass"), false, true))
            .plural("deviceclasses")
            .clusterScoped()
            .build(),
        kinds
            .declare(
                "ResourceClaim", new DeviceStrategy(kinds.schema("ResourceClaim"), true, false))
            .status()
            .build(),
        kinds
            .declare(
                "ResourceClaimTemplate",
                new DeviceStrategy(kinds.schema("ResourceClaimTemplate"), false, false))
            .build(),
        kinds.plain("ResourceSlice").clusterScoped().build());
  }
}
