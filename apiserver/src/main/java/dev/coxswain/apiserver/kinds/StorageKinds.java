package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.storage.StorageColumns;
import dev.coxswain.apiserver.kinds.storage.StorageDefaults;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;

/** Kinds of storage and their drivers. */
final class StorageKinds {
  private StorageKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.generational("CSIDriver").columns(StorageColumns.driver()).clusterScoped().build(),
        kinds
            .plain("CSINode")
            .columns(
                Columns.named(
                    Columns.number(
                        "Drivers",
                        "How many drivers the node has.",
                        n -> n.path("spec").path("drivers").size()),
                    Columns.age()))
            .clusterScoped()
            .build(),
        kinds
            .plain("CSIStorageCapacity")
            .columns(StorageColumns.capacity())
            .plural("csistoragecapacities")
            .build(),
        kinds
            .declare("StorageClass", StorageDefaults.storageClass(kinds.schema("StorageClass")))
            .columns(StorageColumns.storageClass())
            .plural("storageclasses")
            .shortNames("sc")
            .clusterScoped()
            .build(),
        kinds
            .withStatus("VolumeAttachment")
            .columns(
                Columns.named(
                    Columns.text(
                        "Attacher", "Who attaches it.", v -> Json.text(v, "spec", "attacher")),
                    Columns.text(
                        "PV",
                        "The volume.",
                        v -> Json.text(v, "spec", "source", "persistentVolumeName")),
                    Columns.text("Node", "Where to.", v -> Json.text(v, "spec", "nodeName")),
                    Columns.text(
                        "Attached",
                        "Whether it is.",
                        v -> Json.flag(v, "status", "attached") ? "true" : "false"),
                    Columns.age()))
            .clusterScoped()
            .build(),
        kinds
            .plain("VolumeAttributesClass")
            .columns(StorageColumns.attributesClass())
            .plural("volumeattributesclasses")
            .shortNames("vac")
            .clusterScoped()
            .build());
  }
}
