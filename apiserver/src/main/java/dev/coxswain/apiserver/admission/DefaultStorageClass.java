package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import java.time.Instant;
import java.util.Comparator;
import tools.jackson.databind.node.ObjectNode;

/** A claim that names no storage class gets the one that is marked as the default. */
final class DefaultStorageClass implements AdmissionPlugin {
  private static final GroupResource CLASSES =
      new GroupResource("storage.k8s.io", "storageclasses");
  private static final String MARK = "storageclass.kubernetes.io/is-default-class";

  private final ClusterObjects objects;

  DefaultStorageClass(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "DefaultStorageClass";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode claim = request.object();
    if (claim == null
        || request.operation() != Operation.CREATE
        || !request.isFor("", "persistentvolumeclaims")
        || claim.path("spec").has("storageClassName")) {
      return;
    }
    // Of several, the newest, as upstream chooses.
    objects.list(CLASSES, "").stream()
        .filter(candidate -> Json.text(candidate, "metadata", "annotations", MARK).equals("true"))
        .max(
            Comparator.comparing(
                candidate -> Instant.parse(Json.text(candidate, "metadata", "creationTimestamp"))))
        .ifPresent(found ->
            Json.ensureObject(claim, "spec")
                .put("storageClassName", Json.text(found, "metadata", "name")));
  }
}
