package dev.coxswain.apiserver.authz.node;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node needs for the volumes of its pods: their claims, the persistent volumes that are
 * bound to these, what joins those to the node, and the secrets that they name for the drivers
 * there.
 */
final class NodeVolumes {
  static final GroupResource PODS = new GroupResource("", "pods");
  static final GroupResource VOLUMES = new GroupResource("", "persistentvolumes");
  static final GroupResource ATTACHMENTS = new GroupResource("storage.k8s.io", "volumeattachments");

  /** What a node needs; what controllers need of a volume is not for nodes. */
  private static final List<String> REFERENCES =
      List.of("nodeStageSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef");

  private final ObjectView view;

  NodeVolumes(ObjectView view) {
    this.view = view;
  }

  /** Whether a pod of the node uses the claim. */
  boolean useClaim(String node, ObjectKey claim) {
    return !claim.namespace().isEmpty()
        && !claim.name().isEmpty()
        && view.list(PODS, claim.namespace()).stream()
            .filter(pod -> Json.text(pod, "spec", "nodeName").equals(node))
            .anyMatch(pod -> claims(pod, claim.name()));
  }

  private static boolean claims(ObjectNode pod, String claim) {
    for (JsonNode volume : pod.path("spec").path("volumes")) {
      if (PodReferences.claim(pod, volume).equals(claim)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a pod of the node uses a claim that is bound to the persistent volume. */
  boolean useVolume(String node, String volume) {
    return view.find(VOLUMES, ObjectKey.cluster(volume))
        .filter(found -> useClaim(node, claimOf(found)))
        .isPresent();
  }

  /** Whether a pod of the node uses a claim whose volume names the secret. */
  boolean useSecret(String node, ObjectKey secret) {
    return view.list(VOLUMES, "").stream()
        .filter(volume -> names(volume.path("spec").path("csi"), secret))
        .anyMatch(volume -> useClaim(node, claimOf(volume)));
  }

  /** Whether the attachment is one to the node. */
  boolean attaches(String node, String attachment) {
    return view.find(ATTACHMENTS, ObjectKey.cluster(attachment))
        .filter(found -> Json.text(found, "spec", "nodeName").equals(node))
        .isPresent();
  }

  /** The claim that a persistent volume is bound to; one without name for none. */
  private static ObjectKey claimOf(ObjectNode volume) {
    JsonNode claim = volume.path("spec").path("claimRef");
    return new ObjectKey(Json.text(claim, "namespace"), Json.text(claim, "name"));
  }

  private static boolean names(JsonNode source, ObjectKey secret) {
    return REFERENCES.stream()
        .map(source::path)
        .anyMatch(reference ->
            Json.text(reference, "name").equals(secret.name())
                && Json.text(reference, "namespace").equals(secret.namespace()));
  }
}
