package dev.coxswain.apiserver.usage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.connect.KubeletReader;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.usage.NodeReadings.Pair;
import dev.coxswain.apiserver.verbs.DerivedKind;
import dev.coxswain.apiserver.verbs.ResourceEndpoint;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code NodeMetrics} and {@code PodMetrics} of {@code metrics.k8s.io}. */
public final class UsageKinds {
  private static final String GROUP = "metrics.k8s.io";

  /** How long one kubelet may take. */
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final NodeReadings readings;

  private UsageKinds(NodeReadings readings) {
    this.readings = readings;
  }

  /** Answers for both kinds. */
  public static void register(
      ResourceEndpoint resources,
      ResourceType nodes,
      ResourceType pods,
      KubeletReader kubelets,
      Time time) {
    var kinds =
        new UsageKinds(
            new NodeReadings(
                node ->
                    Reading.parse(
                        kubelets.get(node, "/stats/summary?only_cpu_and_memory=true", DEADLINE)),
                time));
    resources.derived(new GroupResource(GROUP, "nodes"), kinds.kind(nodes, kinds::nodes));
    resources.derived(new GroupResource(GROUP, "pods"), kinds.kind(pods, kinds::pods));
  }

  @FunctionalInterface
  private interface Derivation {
    List<ObjectNode> of(List<CachedObject> objects) throws InterruptedException;
  }

  private DerivedKind kind(ResourceType basis, Derivation derivation) {
    return new DerivedKind() {
      @Override
      public ResourceType basis() {
        return basis;
      }

      @Override
      public List<ObjectNode> derive(List<CachedObject> objects) throws InterruptedException {
        return derivation.of(objects);
      }
    };
  }

  private List<ObjectNode> nodes(List<CachedObject> objects) throws InterruptedException {
    Map<String, Pair> read =
        readings.of(
            objects.stream().map(object -> object.key().name()).collect(Collectors.toSet()));
    var metrics = new ArrayList<ObjectNode>();
    for (CachedObject object : objects) {
      Optional.ofNullable(read.get(object.key().name()))
          .flatMap(pair ->
              pair.after()
                  .node()
                  .flatMap(now -> Use.between(pair.before().node().orElse(null), now)))
          .ifPresent(use -> {
            ObjectNode node = head("NodeMetrics", object.parse(), use);
            node.set("usage", use.quantities());
            metrics.add(node);
          });
    }
    return metrics;
  }

  private List<ObjectNode> pods(List<CachedObject> objects) throws InterruptedException {
    var running = new HashMap<ObjectNode, String>();
    for (CachedObject object : objects) {
      ObjectNode pod = object.parse();
      String node = Json.text(pod, "spec", "nodeName");
      if (!node.isEmpty() && Json.text(pod, "status", "phase").equals("Running")) {
        running.put(pod, node);
      }
    }
    Map<String, Pair> read = readings.of(java.util.Set.copyOf(running.values()));
    var metrics = new ArrayList<ObjectNode>();
    running.forEach((pod, node) ->
        Optional.ofNullable(read.get(node))
            .flatMap(pair -> pod(pod, pair))
            .ifPresent(metrics::add));
    metrics.sort(
        java.util.Comparator.comparing((ObjectNode pod) ->
            Json.text(pod, "metadata", "namespace") + "/" + Json.text(pod, "metadata", "name")));
    return metrics;
  }

  /** A pod of which not every container has run through the window is left out. */
  static Optional<ObjectNode> pod(ObjectNode pod, Pair pair) {
    String uid = Json.text(pod, "metadata", "uid");
    Map<String, Reading.Counter> before = pair.before().pods().getOrDefault(uid, Map.of());
    Map<String, Reading.Counter> after = pair.after().pods().getOrDefault(uid, Map.of());
    ArrayNode containers = Json.array();
    Optional<Use> any = Optional.empty();
    for (Map.Entry<String, Reading.Counter> container : after.entrySet()) {
      any = Use.between(before.get(container.getKey()), container.getValue());
      if (any.isEmpty()) {
        return Optional.empty();
      }
      containers.addObject().put("name", container.getKey()).set("usage", any.get().quantities());
    }
    return any.map(use -> {
      ObjectNode metrics = head("PodMetrics", pod, use);
      metrics.set("containers", containers);
      return metrics;
    });
  }

  private static ObjectNode head(String kind, ObjectNode of, Use use) {
    ObjectNode metrics = Json.object();
    metrics.put("kind", kind).put("apiVersion", GROUP + "/v1beta1");
    ObjectNode metadata = metrics.putObject("metadata");
    for (String field : List.of("name", "namespace", "creationTimestamp", "labels")) {
      JsonNode value = of.path("metadata").path(field);
      if (!value.isMissingNode()) {
        metadata.set(field, value);
      }
    }
    metrics.put(
        "timestamp", use.until().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
    metrics.put("window", use.window().toMillis() + "ms");
    return metrics;
  }
}
