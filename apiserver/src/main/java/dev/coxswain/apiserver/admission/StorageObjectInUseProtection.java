package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Volumes, claims and their classes of attributes are protected from the moment they exist; the
 * controllers take the finalizer away once nobody uses what is deleted.
 */
final class StorageObjectInUseProtection implements AdmissionPlugin {
  private static final Map<GroupResource, String> FINALIZERS =
      Map.of(
          new GroupResource("", "persistentvolumes"), "kubernetes.io/pv-protection",
          new GroupResource("", "persistentvolumeclaims"), "kubernetes.io/pvc-protection",
          new GroupResource("storage.k8s.io", "volumeattributesclasses"),
              "kubernetes.io/vac-protection");

  @Override
  public String name() {
    return "StorageObjectInUseProtection";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode object = request.object();
    String finalizer = FINALIZERS.get(request.resource());
    if (object == null
        || finalizer == null
        || request.operation() != Operation.CREATE
        || !request.subresource().isEmpty()) {
      return;
    }
    ArrayNode all = Json.ensureObject(object, "metadata").withArray("finalizers");
    if (all.valueStream().noneMatch(name -> name.asString("").equals(finalizer))) {
      all.add(finalizer);
    }
  }
}
