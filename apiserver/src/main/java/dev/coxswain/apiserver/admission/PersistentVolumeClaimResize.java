package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.request.Failures;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A claim grows only once it is bound, and only where its storage class allows it. */
final class PersistentVolumeClaimResize implements AdmissionPlugin {
  private static final GroupResource CLASSES =
      new GroupResource("storage.k8s.io", "storageclasses");

  /** Where claims named their class before they had a field for it. */
  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  private final ClusterObjects objects;

  PersistentVolumeClaimResize(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "PersistentVolumeClaimResize";
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode claim = request.object();
    ObjectNode old = request.oldObject();
    if (claim == null
        || old == null
        || request.operation() != Operation.UPDATE
        || !request.isFor("", "persistentvolumeclaims")
        || size(claim).compareTo(size(old)) <= 0) {
      return;
    }
    if (!Json.text(old, "status", "phase").equals("Bound")) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "Only bound persistent volume claims can be expanded");
    }
    boolean allowed =
        storageClass(claim).equals(storageClass(old))
            && objects
                .find(CLASSES, ObjectKey.cluster(storageClass(claim)))
                .filter(found -> Json.flag(found, "allowVolumeExpansion"))
                .isPresent();
    if (!allowed) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "only dynamically provisioned pvc can be resized and the storageclass that provisions"
              + " the pvc must support resize");
    }
  }

  private static Quantity size(JsonNode claim) {
    String size = Json.text(claim, "spec", "resources", "requests", "storage");
    return size.isEmpty() ? Quantity.ZERO : Quantity.parse(size);
  }

  private static String storageClass(JsonNode claim) {
    String old = Json.text(claim, "metadata", "annotations", OLD_CLASS);
    return old.isEmpty() ? Json.text(claim, "spec", "storageClassName") : old;
  }
}
