package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pod that does not say otherwise is moved five minutes after its node was lost. An update that
 * leaves the tolerations out gets them again: who replaces a pod's tolerations does not know them.
 */
final class DefaultTolerationSeconds implements AdmissionPlugin {
  private static final int SECONDS = 300;
  private static final List<String> TAINTS =
      List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

  @Override
  public String name() {
    return "DefaultTolerationSeconds";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode pod = request.object();
    boolean writes =
        request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
    if (pod == null || !writes || !request.isFor("", "pods")) {
      return;
    }
    ObjectNode spec = Json.ensureObject(pod, "spec");
    for (String taint : TAINTS) {
      if (!tolerates(spec.path("tolerations"), taint)) {
        ArrayNode tolerations =
            spec.get("tolerations") instanceof ArrayNode present
                ? present
                : spec.putArray("tolerations");
        tolerations
            .addObject()
            .put("key", taint)
            .put("operator", "Exists")
            .put("effect", "NoExecute")
            .put("tolerationSeconds", SECONDS);
      }
    }
  }

  private static boolean tolerates(JsonNode tolerations, String taint) {
    for (JsonNode toleration : tolerations) {
      String key = Json.text(toleration, "key");
      String effect = Json.text(toleration, "effect");
      if ((key.isEmpty() || key.equals(taint))
          && (effect.isEmpty() || effect.equals("NoExecute"))) {
        return true;
      }
    }
    return false;
  }
}
