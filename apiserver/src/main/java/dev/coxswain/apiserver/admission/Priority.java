package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.request.Failures;
import java.util.Comparator;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pod's priority and preemption policy come from its priority class, or from the default class.
 */
final class Priority implements AdmissionPlugin {
  private static final GroupResource CLASSES =
      new GroupResource("scheduling.k8s.io", "priorityclasses");

  private final ClusterObjects objects;

  Priority(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "Priority";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode pod = request.object();
    if (pod == null || request.operation() != Operation.CREATE || !request.isFor("", "pods")) {
      return;
    }
    ObjectNode spec = Json.ensureObject(pod, "spec");
    String name = Json.text(spec, "priorityClassName");
    long priority = 0;
    String policy = "PreemptLowerPriority";
    Optional<ObjectNode> chosen =
        name.isEmpty() ? defaultClass() : Optional.of(named(request, name));
    if (chosen.isPresent()) {
      priority = Json.number(chosen.get(), 0, "value");
      String wanted = Json.text(chosen.get(), "preemptionPolicy");
      policy = wanted.isEmpty() ? policy : wanted;
      spec.put("priorityClassName", Json.text(chosen.get(), "metadata", "name"));
    }
    JsonNode given = spec.path("priority");
    if (given.isNumber() && given.asLong() != priority) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "the integer value of priority ("
              + given.asLong()
              + ") must not be provided in pod spec; priority admission controller computed "
              + priority
              + " from the given PriorityClass name");
    }
    String givenPolicy = Json.text(spec, "preemptionPolicy");
    if (!givenPolicy.isEmpty() && !givenPolicy.equals(policy)) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "the string value of PreemptionPolicy ("
              + givenPolicy
              + ") must not be provided in pod spec; priority admission controller computed "
              + policy
              + " from the given PriorityClass name");
    }
    spec.put("priority", priority);
    spec.put("preemptionPolicy", policy);
  }

  private ObjectNode named(AdmissionRequest request, String name) {
    return objects
        .find(CLASSES, ObjectKey.cluster(name))
        .orElseThrow(() ->
            Failures.refused(
                request.resource(),
                request.name(),
                "no PriorityClass with name " + name + " was found"));
  }

  /** Should there be two all the same, the lower counts, as upstream has it. */
  private Optional<ObjectNode> defaultClass() {
    return objects.list(CLASSES, "").stream()
        .filter(candidate -> Json.flag(candidate, "globalDefault"))
        .min(Comparator.comparingLong(candidate -> Json.number(candidate, 0, "value")));
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null
        || !request.isFor("scheduling.k8s.io", "priorityclasses")
        || !Json.flag(object, "globalDefault")) {
      return;
    }
    for (ObjectNode other : objects.list(CLASSES, "")) {
      String name = Json.text(other, "metadata", "name");
      if (Json.flag(other, "globalDefault") && !name.equals(request.name())) {
        throw Failures.refused(
            CLASSES,
            request.name(),
            "PriorityClass " + name + " is already marked as default. Only one default can exist");
      }
    }
  }
}
