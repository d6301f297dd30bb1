package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.storage.AttachmentStrategy;
import dev.coxswain.apiserver.kinds.storage.CapacityStrategy;
import dev.coxswain.apiserver.kinds.storage.ClassStrategies;
import dev.coxswain.apiserver.kinds.storage.DriverStrategies;
import dev.coxswain.apiserver.kinds.storage.StorageColumns;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;

/** Kinds of storage and their drivers. */
final class StorageKinds {
  private StorageKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("CSIDriver", DriverStrategies.driver(kinds.schema("CSIDriver")))
            .columns(StorageColumns.driver())
            .clusterScoped()
            .build(),
        kinds
            .declare("CSINode", DriverStrategies.nodeDrivers(kinds.schema("CSINode")))
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
            .declare("CSIStorageCapacity", new CapacityStrategy(kinds.schema("CSIStorageCapacity")))
            .columns(StorageColumns.capacity())
            .plural("csistoragecapacities")
            .build(),
        kinds
            .declare("StorageClass", ClassStrategies.storageClass(kinds.schema("StorageClass")))
            .columns(StorageColumns.storageClass())
            .plural("storageclasses")
            .shortNames("sc")
            .clusterScoped()
            .build(),
        kinds
            .declare("VolumeAttachment", new AttachmentStrategy(kinds.schema("VolumeAttachment")))
            .status()
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
            .declare(
                "VolumeAttributesClass",
                ClassStrategies.attributesClass(kinds.schema("VolumeAttributesClass")))
            .columns(StorageColumns.attributesClass())
            .plural("volumeattributesclasses")
            .shortNames("vac")
            .clusterScoped()
            .build());
  }
}
