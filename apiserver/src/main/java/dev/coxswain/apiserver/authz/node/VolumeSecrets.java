package dev.coxswain.apiserver.authz.node;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The secrets that persistent volumes name for the drivers on the nodes of their pods. */
final class VolumeSecrets {
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final GroupResource VOLUMES = new GroupResource("", "persistentvolumes");

  /** What a node needs; what controllers need of a volume is not for nodes. */
  private static final List<String> REFERENCES =
      List.of("nodeStageSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef");

  private final ObjectView view;

  VolumeSecrets(ObjectView view) {
    this.view = view;
  }

  /** Whether a pod of the node uses a claim whose volume names the secret. */
  boolean belongTo(String node, ObjectKey secret) {
    return view.list(VOLUMES, "").stream()
        .filter(volume -> names(volume.path("spec").path("csi"), secret))
        .map(volume -> volume.path("spec").path("claimRef"))
        .anyMatch(claim -> uses(node, claim));
  }

  private boolean uses(String node, JsonNode claim) {
    String namespace = claim.path("namespace").asString("");
    return !namespace.isEmpty()
        && view.list(PODS, namespace).stream()
            .filter(pod -> pod.path("spec").path("nodeName").asString("").equals(node))
            .anyMatch(pod -> claims(pod, claim.path("name").asString("")));
  }

  private static boolean claims(ObjectNode pod, String claim) {
    String name = pod.path("metadata").path("name").asString("");
    for (JsonNode volume : pod.path("spec").path("volumes")) {
      boolean named =
          volume.path("persistentVolumeClaim").path("claimName").asString("").equals(claim);
      boolean own =
          volume.has("ephemeral") && claim.equals(name + "-" + volume.path("name").asString(""));
      if (named || own) {
        return true;
      }
    }
    return false;
  }

  private static boolean names(JsonNode source, ObjectKey secret) {
    return REFERENCES.stream()
        .map(source::path)
        .anyMatch(reference ->
            reference.path("name").asString("").equals(secret.name())
                && reference.path("namespace").asString("").equals(secret.namespace()));
  }
}
