package dev.coxswain.api.quota;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.quantity.Quantity;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** What one object uses, by the names that {@code .spec.hard} of a ResourceQuota may hold. */
public final class QuotaUsage {
  private static final Set<String> COUNTED_BY_NAME =
      Set.of(
          "pods",
          "services",
          "persistentvolumeclaims",
          "configmaps",
          "secrets",
          "replicationcontrollers",
          "resourcequotas");

  private static final String COUNT = "count/";

  /** Events come and go by themselves: no quota holds them back. */
  private static final Set<GroupResource> UNCOUNTED =
      Set.of(new GroupResource("", "events"), new GroupResource("events.k8s.io", "events"));

  private static final Quantity ONE = Quantity.of(1);

  private QuotaUsage() {}

  /** The name under which any resource's objects are counted: {@code count/jobs.batch}. */
  public static String count(GroupResource resource) {
    return resource.group().isEmpty()
        ? COUNT + resource.resource()
        : COUNT + resource.resource() + "." + resource.group();
  }

  /** The resource whose objects such a name counts; empty for any other name. */
  public static Optional<GroupResource> counted(String name) {
    if (!name.startsWith(COUNT)) {
      return Optional.empty();
    }
    String resource = name.substring(COUNT.length());
    int dot = resource.indexOf('.');
    return Optional.of(
        dot < 0
            ? new GroupResource("", resource)
            : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot)));
  }

  /**
   * What the object uses.
   *
   * @param object the object as JSON
   * @param now for pods that should have ended by now: they use nothing but their object
   */
  public static Map<String, Quantity> of(GroupResource resource, JsonNode object, Instant now) {
    Map<String, Quantity> usage = new TreeMap<>();
    usage.put(count(resource), ONE);
    if (!resource.group().isEmpty()) {
      return usage;
    }
    if (COUNTED_BY_NAME.contains(resource.resource())
        && !(resource.resource().equals("pods") && over(object, now))) {
      usage.put(resource.resource(), ONE);
    }
    switch (resource.resource()) {
      case "pods" -> {
        if (!over(object, now)) {
          addPod(usage, object);
        }
      }
      case "services" -> addService(usage, object);
      case "persistentvolumeclaims" -> addClaim(usage, object);
      default -> {}
    }
    return usage;
  }

  /** Whether the name is one that some object of the resource may use. */
  public static boolean concerns(GroupResource resource, String name) {
    if (name.equals(count(resource))) {
      return !UNCOUNTED.contains(resource);
    }
    if (!resource.group().isEmpty()) {
      return false;
    }
    return switch (resource.resource()) {
      case "pods" ->
          name.equals("pods")
              || Set.of("cpu", "memory", "ephemeral-storage").contains(name)
              || name.startsWith("hugepages-")
              || name.startsWith("limits.")
              || (name.startsWith("requests.") && !name.equals("requests.storage"));
      case "services" ->
          Set.of("services", "services.nodeports", "services.loadbalancers").contains(name);
      case "persistentvolumeclaims" ->
          name.equals("persistentvolumeclaims")
              || name.equals("requests.storage")
              || name.contains(CLASS_SUFFIX);
      default -> COUNTED_BY_NAME.contains(resource.resource()) && name.equals(resource.resource());
    };
  }

  private static final String CLASS_SUFFIX = ".storageclass.storage.k8s.io/";

  private static void addPod(Map<String, Quantity> usage, JsonNode pod) {
    PodRequests.of(pod, "requests")
        .forEach((name, amount) -> {
          usage.put("requests." + name, amount);
          if (Set.of("cpu", "memory", "ephemeral-storage").contains(name)
              || name.startsWith("hugepages-")) {
            usage.put(name, amount);
          }
        });
    PodRequests.of(pod, "limits")
        .forEach((name, amount) -> {
          if (Set.of("cpu", "memory", "ephemeral-storage").contains(name)) {
            usage.put("limits." + name, amount);
          }
        });
  }

  private static void addService(Map<String, Quantity> usage, JsonNode service) {
    JsonNode spec = service.path("spec");
    String type = Json.text(spec, "type");
    long ports = spec.path("ports").size();
    if (type.equals("NodePort")) {
      usage.put("services.nodeports", Quantity.of(ports));
    } else if (type.equals("LoadBalancer")) {
      usage.put("services.loadbalancers", ONE);
      boolean allocated =
          !spec.has("allocateLoadBalancerNodePorts")
              || Json.flag(spec, "allocateLoadBalancerNodePorts");
      long taken =
          allocated
              ? ports
              : StreamSupport.stream(spec.path("ports").spliterator(), false)
                  .filter(port -> Json.number(port, 0, "nodePort") != 0)
                  .count();
      usage.put("services.nodeports", Quantity.of(taken));
    }
  }

  private static void addClaim(Map<String, Quantity> usage, JsonNode claim) {
    Map<String, Quantity> requests =
        PodRequests.quantities(Json.at(claim, "spec", "resources", "requests"));
    Quantity storage = requests.getOrDefault("storage", Quantity.ZERO);
    usage.put("requests.storage", storage);
    String storageClass = Json.text(claim, "spec", "storageClassName");
    if (!storageClass.isEmpty()) {
      usage.put(storageClass + CLASS_SUFFIX + "requests.storage", storage);
      usage.put(storageClass + CLASS_SUFFIX + "persistentvolumeclaims", ONE);
    }
  }

  /** A pod that ended, or that should have: its node does not answer. */
  private static boolean over(JsonNode pod, Instant now) {
    String phase = Json.text(pod, "status", "phase");
    return phase.equals("Succeeded")
        || phase.equals("Failed")
        || overdue(pod).filter(end -> end.isBefore(now)).isPresent();
  }

  /**
   * When a pod that is to go uses nothing but its object any more, even if it is still there then:
   * nothing but the time tells of that. Empty for a pod that nobody deleted.
   */
  public static Optional<Instant> overdue(JsonNode pod) {
    String deleted = Json.text(pod, "metadata", "deletionTimestamp");
    if (deleted.isEmpty()) {
      return Optional.empty();
    }
    long grace = Json.number(pod, 0, "metadata", "deletionGracePeriodSeconds");
    try {
      return Optional.of(Instant.parse(deleted).plusSeconds(grace));
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }
}
