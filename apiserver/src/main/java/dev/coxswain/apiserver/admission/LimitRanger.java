package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.PodRequests;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.request.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fills in, and holds pods and claims to, what the namespace's LimitRanges say. */
final class LimitRanger implements AdmissionPlugin {
  private static final GroupResource RANGES = new GroupResource("", "limitranges");

  /** Where a pod says what it did not say itself. */
  private static final String ANNOTATION = "kubernetes.io/limit-ranger";

  private final ClusterObjects objects;

  LimitRanger(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "LimitRanger";
  }

  private static boolean applies(AdmissionRequest request) {
    return (isForPod(request) || isForClaim(request)) && !leaves(request.oldObject());
  }

  /** A pod that comes, or that asks for other resources: nothing else of it is limited. */
  private static boolean isForPod(AdmissionRequest request) {
    return switch (request.operation()) {
      case CREATE -> request.isFor("", "pods");
      case UPDATE -> request.isFor("", "pods", "resize");
      case DELETE, CONNECT -> false;
    };
  }

  private static boolean isForClaim(AdmissionRequest request) {
    return (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE)
        && request.isFor("", "persistentvolumeclaims");
  }

  private static boolean leaves(@Nullable ObjectNode old) {
    return old != null && !Json.text(old, "metadata", "deletionTimestamp").isEmpty();
  }

  private List<JsonNode> limits(AdmissionRequest request, String type) {
    List<JsonNode> limits = new ArrayList<>();
    for (ObjectNode range : objects.list(RANGES, request.namespace())) {
      for (JsonNode limit : range.path("spec").path("limits")) {
        if (Json.text(limit, "type").equals(type)) {
          limits.add(limit);
        }
      }
    }
    return limits;
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode pod = request.object();
    if (pod == null || !applies(request) || !isForPod(request)) {
      return;
    }
    for (JsonNode limit : limits(request, "Container")) {
      List<String> told = new ArrayList<>();
      for (String list : List.of("containers", "initContainers")) {
        for (JsonNode container : pod.path("spec").path(list)) {
          if (container instanceof ObjectNode object) {
            String who =
                (list.equals("containers") ? "container " : "init container ")
                    + Json.text(object, "name");
            fill(object, "requests", limit.path("defaultRequest"), " request for " + who, told);
            fill(object, "limits", limit.path("default"), " limit for " + who, told);
          }
        }
      }
      if (!told.isEmpty() && request.operation() == AdmissionRequest.Operation.CREATE) {
        Json.ensureObject(pod, "metadata", "annotations")
            .put(ANNOTATION, "LimitRanger plugin set: " + String.join("; ", told));
      }
    }
  }

  /**
   * Fills in what a container does not say.
   *
   * @param told where it is written down what was filled in
   */
  private static void fill(
      ObjectNode container, String field, JsonNode defaults, String what, List<String> told) {
    Set<String> filled = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : defaults.properties()) {
      ObjectNode values = Json.ensureObject(container, "resources", field);
      if (!values.has(entry.getKey())) {
        values.set(entry.getKey(), entry.getValue().deepCopy());
        filled.add(entry.getKey());
      }
    }
    if (!filled.isEmpty()) {
      told.add(String.join(", ", filled) + what);
    }
  }

  private static List<ObjectNode> containers(ObjectNode pod) {
    List<ObjectNode> containers = new ArrayList<>();
    for (String field : List.of("initContainers", "containers")) {
      for (JsonNode container : pod.path("spec").path(field)) {
        if (container instanceof ObjectNode object) {
          containers.add(object);
        }
      }
    }
    return containers;
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null || !applies(request)) {
      return;
    }
    List<String> problems = new ArrayList<>();
    if (isForPod(request)) {
      for (JsonNode limit : limits(request, "Container")) {
        for (ObjectNode container : containers(object)) {
          check(limit, "Container", container.path("resources"), problems);
        }
      }
      for (JsonNode limit : limits(request, "Pod")) {
        check(limit, "Pod", whole(object), problems);
      }
    } else {
      for (JsonNode limit : limits(request, "PersistentVolumeClaim")) {
        check(limit, "PersistentVolumeClaim", object.path("spec").path("resources"), problems);
      }
    }
    if (!problems.isEmpty()) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          problems.size() == 1 ? problems.getFirst() : "[" + String.join(", ", problems) + "]");
    }
  }

  /** What a pod asks for as a whole. */
  private static ObjectNode whole(ObjectNode pod) {
    ObjectNode whole = Json.object();
    for (String field : List.of("requests", "limits")) {
      ObjectNode amounts = whole.putObject(field);
      PodRequests.of(pod, field).forEach((name, amount) -> amounts.put(name, amount.toString()));
    }
    return whole;
  }

  private static void check(
      JsonNode limit, String type, JsonNode resources, List<String> problems) {
    JsonNode requests = resources.path("requests");
    JsonNode limits = resources.path("limits");
    for (Map.Entry<String, JsonNode> entry : limit.path("min").properties()) {
      String head = "minimum " + entry.getKey() + " usage per " + type + " is " + text(entry);
      Quantity minimum = Quantity.parse(entry.getValue().asString());
      Quantity request = quantity(requests, entry.getKey());
      Quantity most = quantity(limits, entry.getKey());
      if (request == null) {
        problems.add(head + ".  No request is specified");
      } else if (request.compareTo(minimum) < 0) {
        problems.add(head + ", but request is " + request);
      } else if (most != null && most.compareTo(minimum) < 0) {
        problems.add(head + ", but limit is " + most);
      }
    }
    boolean claim = type.equals("PersistentVolumeClaim");
    for (Map.Entry<String, JsonNode> entry : limit.path("max").properties()) {
      String head = "maximum " + entry.getKey() + " usage per " + type + " is " + text(entry);
      Quantity maximum = Quantity.parse(entry.getValue().asString());
      Quantity request = quantity(requests, entry.getKey());
      Quantity most = quantity(limits, entry.getKey());
      if (most == null && !claim) {
        problems.add(head + ".  No limit is specified");
      } else if (most != null && most.compareTo(maximum) > 0) {
        problems.add(head + ", but limit is " + most);
      } else if (request != null && request.compareTo(maximum) > 0) {
        problems.add(head + ", but request is " + request);
      }
    }
    for (Map.Entry<String, JsonNode> entry : limit.path("maxLimitRequestRatio").properties()) {
      checkRatio(
          entry,
          type,
          quantity(requests, entry.getKey()),
          quantity(limits, entry.getKey()),
          problems);
    }
  }

  private static void checkRatio(
      Map.Entry<String, JsonNode> entry,
      String type,
      @Nullable Quantity request,
      @Nullable Quantity most,
      List<String> problems) {
    String head = entry.getKey() + " max limit to request ratio per " + type + " is " + text(entry);
    if (request == null || request.signum() == 0) {
      problems.add(head + ", but no request is specified or request is 0");
    } else if (most == null || most.signum() == 0) {
      problems.add(head + ", but no limit is specified or limit is 0");
    } else {
      double ratio = most.value().doubleValue() / request.value().doubleValue();
      if (ratio > Quantity.parse(entry.getValue().asString()).value().doubleValue()) {
        problems.add(head + String.format(Locale.ROOT, ", but provided ratio is %.6f", ratio));
      }
    }
  }

  private static @Nullable Quantity quantity(JsonNode values, String name) {
    JsonNode value = values.path(name);
    return value.isMissingNode() || value.isNull() ? null : Quantity.parse(value.asString());
  }

  private static String text(Map.Entry<String, JsonNode> entry) {
    return entry.getValue().asString();
  }
}
