package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.request.Failures;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A pod of a RuntimeClass gets the class' overhead, node selector and tolerations. */
final class RuntimeClassAdmission implements AdmissionPlugin {
  private static final GroupResource CLASSES = new GroupResource("node.k8s.io", "runtimeclasses");

  private final ClusterObjects objects;

  RuntimeClassAdmission(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "RuntimeClass";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode pod = request.object();
    if (pod == null || request.operation() != Operation.CREATE || !request.isFor("", "pods")) {
      return;
    }
    ObjectNode spec = Json.ensureObject(pod, "spec");
    String name = Json.text(spec, "runtimeClassName");
    if (name.isEmpty()) {
      if (!spec.path("overhead").isEmpty()) {
        throw rejected(
            request, "Pod Overhead set without corresponding RuntimeClass defined Overhead");
      }
      return;
    }
    ObjectNode chosen =
        objects
            .find(CLASSES, ObjectKey.cluster(name))
            .orElseThrow(() -> rejected(request, "RuntimeClass \"" + name + "\" not found"));
    overhead(request, spec, Json.at(chosen, "overhead", "podFixed"));
    selector(request, spec, Json.at(chosen, "scheduling", "nodeSelector"));
    tolerations(spec, Json.at(chosen, "scheduling", "tolerations"));
  }

  private static void overhead(AdmissionRequest request, ObjectNode spec, JsonNode fixed) {
    JsonNode given = spec.path("overhead");
    if (!given.isEmpty() && !given.equals(fixed)) {
      throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    if (!fixed.isEmpty()) {
      spec.set("overhead", fixed.deepCopy());
    }
  }

  private static void selector(AdmissionRequest request, ObjectNode spec, JsonNode wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    ObjectNode selector = Json.ensureObject(spec, "nodeSelector");
    for (Map.Entry<String, JsonNode> entry : wanted.properties()) {
      JsonNode given = selector.path(entry.getKey());
      if (!given.isMissingNode() && !given.equals(entry.getValue())) {
        throw rejected(
            request,
            "conflict: runtimeClass.scheduling.nodeSelector["
                + entry.getKey()
                + "] = "
                + entry.getValue().asString()
                + "; pod.spec.nodeSelector["
                + entry.getKey()
                + "] = "
                + given.asString());
      }
      selector.set(entry.getKey(), entry.getValue());
    }
  }

  private static void tolerations(ObjectNode spec, JsonNode wanted) {
    for (JsonNode toleration : wanted) {
      ArrayNode tolerations =
          spec.path("tolerations") instanceof ArrayNode present
              ? present
              : spec.putArray("tolerations");
      boolean has = tolerations.valueStream().anyMatch(toleration::equals);
      if (!has) {
        tolerations.add(toleration.deepCopy());
      }
    }
  }

  private static ApiException rejected(AdmissionRequest request, String why) {
    return Failures.refused(request.resource(), request.name(), "pod rejected: " + why);
  }
}
