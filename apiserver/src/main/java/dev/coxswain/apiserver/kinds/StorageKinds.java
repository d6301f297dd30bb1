package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Kinds of storage and their drivers. */
final class StorageKinds {
  private StorageKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.generational("CSIDriver").clusterScoped().build(),
        kinds.plain("CSINode").clusterScoped().build(),
        kinds.plain("CSIStorageCapacity").plural("csistoragecapacities").build(),
        kinds
            .plain("StorageClass")
            .plural("storageclasses")
            .shortNames("sc")
            .clusterScoped()
            .build(),
        kinds.withStatus("VolumeAttachment").clusterScoped().build(),
        kinds
            .plain("VolumeAttributesClass")
            .plural("volumeattributesclasses")
            .shortNames("vac")
            .clusterScoped()
            .build());
  }
}
