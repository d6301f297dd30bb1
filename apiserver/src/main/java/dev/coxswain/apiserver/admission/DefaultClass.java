package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import java.time.Instant;
import java.util.Comparator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What names no class gets the one that is marked as the default.
 *
 * @param name the plugin's
 * @param resource what gets a class
 * @param field where its {@code spec} names it
 * @param elsewhere an annotation that names it too, from before there was the field
 * @param classes the classes
 * @param mark the annotation of the default
 */
record DefaultClass(
    String name,
    GroupResource resource,
    String field,
    String elsewhere,
    GroupResource classes,
    String mark,
    ClusterObjects objects)
    implements AdmissionPlugin {

  static DefaultClass ofStorage(ClusterObjects objects) {
    return new DefaultClass(
        "DefaultStorageClass",
        new GroupResource("", "persistentvolumeclaims"),
        "storageClassName",
        "volume.beta.kubernetes.io/storage-class",
        new GroupResource("storage.k8s.io", "storageclasses"),
        "storageclass.kubernetes.io/is-default-class",
        objects);
  }

  static DefaultClass ofIngress(ClusterObjects objects) {
    return new DefaultClass(
        "DefaultIngressClass",
        new GroupResource("networking.k8s.io", "ingresses"),
        "ingressClassName",
        "kubernetes.io/ingress.class",
        new GroupResource("networking.k8s.io", "ingressclasses"),
        "ingressclass.kubernetes.io/is-default-class",
        objects);
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null
        || request.operation() != Operation.CREATE
        || !request.isFor(resource.group(), resource.resource())
        || object.path("spec").has(field)
        || object.path("metadata").path("annotations").has(elsewhere)) {
      return;
    }
    // Of several, the newest, as upstream chooses; of those the first by name.
    objects.list(classes, "").stream()
        .filter(candidate -> Json.text(candidate, "metadata", "annotations", mark).equals("true"))
        .min(
            Comparator.comparing(DefaultClass::made)
                .reversed()
                .thenComparing(candidate -> Json.text(candidate, "metadata", "name")))
        .ifPresent(found ->
            Json.ensureObject(object, "spec").put(field, Json.text(found, "metadata", "name")));
  }

  private static Instant made(JsonNode candidate) {
    return Instant.parse(Json.text(candidate, "metadata", "creationTimestamp"));
  }
}
