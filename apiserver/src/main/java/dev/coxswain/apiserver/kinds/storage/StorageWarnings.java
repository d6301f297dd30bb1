package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is allowed in volumes and claims but has gone out of use. The texts are upstream's. */
final class StorageWarnings {
  private static final String CLASS = "volume.beta.kubernetes.io/storage-class";
  private static final String OPTIONS = "volume.beta.kubernetes.io/mount-options";

  private StorageWarnings() {}

  /** About annotations that have become fields. */
  static void annotations(ObjectNode object, List<String> warnings) {
    JsonNode annotations = Json.at(object, "metadata", "annotations");
    if (annotations.has(CLASS)) {
      warnings.add(
          "metadata.annotations["
              + CLASS
              + "]: deprecated since v1.8; use \"storageClassName\" attribute instead");
    }
  }

  /** About a volume. */
  static void volume(ObjectNode object, List<String> warnings) {
    JsonNode spec = object.path("spec");
    if (Json.at(object, "metadata", "annotations").has(OPTIONS)) {
      warnings.add(
          "metadata.annotations["
              + OPTIONS
              + "]: deprecated since v1.31; use \"mountOptions\" attribute instead");
    }
    if (Json.text(spec, "persistentVolumeReclaimPolicy").equals("Recycle")) {
      warnings.add(
          "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead,"
              + " the recommended approach is to use dynamic provisioning.");
    }
    warnings.addAll(PodWarnings.ofVolume(spec, "spec"));
  }
}
