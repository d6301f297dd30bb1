package dev.coxswain.apiserver.pods;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.StatusJson;
import dev.coxswain.apiserver.verbs.ActionHandler;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.runtime.time.Time;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code pods/binding}: the scheduler's decision. A pod is bound once. */
public final class Binding implements ActionHandler {
  private static final GroupResource PODS = new GroupResource("", "pods");

  private final ResourceType pods;
  private final ObjectWriter writer;
  private final Time time;

  /** Binds pods through this writer. */
  public Binding(ResourceType pods, ObjectWriter writer, Time time) {
    this.pods = pods;
    this.writer = writer;
    this.time = time;
  }

  @Override
  public ObjectNode act(ObjectKey key, ObjectNode body, WriteContext context) {
    String kind = Json.text(body, "target", "kind");
    String node = Json.text(body, "target", "name");
    if (node.isEmpty() || !(kind.isEmpty() || kind.equals("Node"))) {
      throw Failures.badRequest("target: a binding needs a target of kind Node with a name");
    }
    writer.change(pods, key, "binding", pod -> bind(key, pod, body, node), context);
    return StatusJson.created();
  }

  private void bind(ObjectKey key, ObjectNode pod, ObjectNode body, String node) {
    String uid = Json.text(body, "metadata", "uid");
    if (!uid.isEmpty() && !uid.equals(Json.text(pod, "metadata", "uid"))) {
      throw Failures.conflict(PODS, key.name(), "the UID in the binding is not the pod's");
    }
    if (!Json.text(pod, "metadata", "deletionTimestamp").isEmpty()) {
      throw Failures.conflict(
          PODS,
          key.name(),
          "pod " + key.name() + " is being deleted, cannot be assigned to a host");
    }
    String bound = Json.text(pod, "spec", "nodeName");
    if (!bound.isEmpty()) {
      throw Failures.conflict(
          PODS, key.name(), "pod " + key.name() + " is already assigned to node \"" + bound + "\"");
    }
    if (!Json.at(pod, "spec", "schedulingGates").isEmpty()) {
      throw Failures.conflict(
          PODS, key.name(), "pod " + key.name() + " has non-empty .spec.schedulingGates");
    }
    Json.ensureObject(pod, "spec").put("nodeName", node);
    copyMap(Json.at(body, "metadata", "annotations"), pod, "annotations");
    copyMap(Json.at(body, "metadata", "labels"), pod, "labels");
    Conditions.set(
        pod, "PodScheduled", "True", "", "", time.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static void copyMap(JsonNode from, ObjectNode pod, String field) {
    for (Map.Entry<String, JsonNode> entry : from.properties()) {
      Json.ensureObject(pod, "metadata", field).set(entry.getKey(), entry.getValue());
    }
  }
}
