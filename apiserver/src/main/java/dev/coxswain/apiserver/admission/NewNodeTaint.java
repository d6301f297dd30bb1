package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A new node takes no pods before it has said that it is ready: it starts with the taint that the
 * node lifecycle controller removes.
 */
final class NewNodeTaint implements AdmissionPlugin {
  private static final String NOT_READY = "node.kubernetes.io/not-ready";
  private static final String EFFECT = "NoSchedule";

  @Override
  public String name() {
    return "TaintNodesByCondition";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode node = request.object();
    if (node == null || request.operation() != Operation.CREATE || !request.isFor("", "nodes")) {
      return;
    }
    ObjectNode spec = Json.ensureObject(node, "spec");
    for (JsonNode taint : spec.path("taints")) {
      if (Json.text(taint, "key").equals(NOT_READY) && Json.text(taint, "effect").equals(EFFECT)) {
        return;
      }
    }
    ArrayNode taints =
        spec.get("taints") instanceof ArrayNode present ? present : spec.putArray("taints");
    taints.addObject().put("effect", EFFECT).put("key", NOT_READY);
  }
}
