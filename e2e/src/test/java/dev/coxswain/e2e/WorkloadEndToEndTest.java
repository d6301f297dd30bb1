package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Workloads that several write to at once: their controllers, users, and other programs. */
@ExtendWith(SharedCluster.class)
final class WorkloadEndToEndTest {
  private static final String NAMESPACE = "workloads";
  private static final String APPS = "/apis/apps/v1/namespaces/" + NAMESPACE + "/";
  private static final String CORE = "/api/v1/namespaces/" + NAMESPACE + "/";
  private static final String POLICY = "/apis/policy/v1/namespaces/" + NAMESPACE + "/";

  private static RawApi api;

  @BeforeAll
  static void begin(Cluster cluster) {
    api = new RawApi(cluster);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterAll
  static void leaveNothing(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private static void create(String kind, String name, int replicas) {
    boolean core = kind.equals("ReplicationController");
    api.create(
        (core ? CORE : APPS) + plural(kind),
        """
        apiVersion: %s
        kind: %s
        metadata: {name: %3$s, labels: {app: %3$s}}
        spec:
          %4$s
          selector: %5$s
          template:
            metadata: {labels: {app: %3$s}}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: "coxswain/demo:1"}]
        """
            .formatted(
                core ? "v1" : "apps/v1",
                kind,
                name,
                switch (kind) {
                  case "DaemonSet" -> "";
                  case "StatefulSet" -> "replicas: " + replicas + "\n  serviceName: none";
                  default -> "replicas: " + replicas;
                },
                core ? "{app: " + name + "}" : "{matchLabels: {app: " + name + "}}"));
  }

  private static String plural(String kind) {
    return kind.toLowerCase(Locale.ROOT) + "s";
  }

  private static boolean condition(JsonNode object, String type, String status) {
    return Cluster.stream(object.at("/status/conditions"))
        .anyMatch(condition ->
            condition.path("type").asString().equals(type)
                && condition.path("status").asString().equals(status));
  }

  @ParameterizedTest
  @CsvSource({
    "Deployment, /status/readyReplicas",
    "ReplicaSet, /status/readyReplicas",
    "StatefulSet, /status/readyReplicas",
    "ReplicationController, /status/readyReplicas",
    "DaemonSet, /status/numberReady",
  })
  void whatOthersSayInTheStatusOutlivesTheController(String kind, String ready) {
    String name = "blessed-" + kind.toLowerCase(Locale.ROOT);
    create(kind, name, 1);
    String path = (kind.equals("ReplicationController") ? CORE : APPS) + plural(kind) + "/" + name;
    JsonNode begun = api.await("it is ready", path, object -> object.at(ready).asInt(0) >= 1);
    ObjectNode status = (ObjectNode) api.get(path + "/status");
    status
        .withObject("status")
        .withArray("conditions")
        .addObject()
        .put("type", "Blessed")
        .put("status", "True");
    api.patch(
        path + "/status",
        RawApi.MERGE_PATCH,
        "{\"metadata\":{\"annotations\":{\"blessed\":\"yes\"}},\"status\":{\"conditions\":"
            + status.at("/status/conditions")
            + "}}");
    JsonNode told =
        api.awaitEvent(
            path.replaceFirst("/[^/]+$", "")
                + "?labelSelector=app="
                + name
                + "&resourceVersion="
                + begun.at("/metadata/resourceVersion").asString(),
            "MODIFIED",
            object -> condition(object, "Blessed", "True"));
    assertThat(told.at("/metadata/annotations/blessed").asString("")).isEqualTo("yes");
    api.patch(
        path,
        RawApi.MERGE_PATCH,
        kind.equals("DaemonSet")
            ? "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"nowhere\":\"true\"}}}}}"
            : "{\"spec\":{\"replicas\":2}}");
    int wanted = kind.equals("DaemonSet") ? 0 : 2;
    JsonNode ended = api.await("it went on", path, object -> object.at(ready).asInt(0) == wanted);
    assertThat(condition(ended, "Blessed", "True")).as(ended.toString()).isTrue();
    api.delete(path);
  }

  @ParameterizedTest
  @CsvSource({"ReplicationController", "ReplicaSet", "Deployment", "StatefulSet"})
  void theScaleIsReadAndWritten(String kind) {
    String name = "scaled-" + kind.toLowerCase(Locale.ROOT);
    create(kind, name, 1);
    String path = (kind.equals("ReplicationController") ? CORE : APPS) + plural(kind) + "/" + name;
    ObjectNode scale = (ObjectNode) api.get(path + "/scale");
    assertThat(scale.path("apiVersion").asString()).isEqualTo("autoscaling/v1");
    assertThat(scale.at("/spec/replicas").asInt(-1)).isEqualTo(1);
    assertThat(scale.at("/status/selector").asString("")).isEqualTo("app=" + name);
    // Without a version it is written whatever the controller wrote meanwhile.
    scale.withObject("metadata").remove("resourceVersion");
    scale.withObject("spec").put("replicas", 2);
    assertThat(api.replace(path + "/scale", scale).at("/spec/replicas").asInt(-1)).isEqualTo(2);
    api.await("two are ready", path, object -> object.at("/status/readyReplicas").asInt(0) == 2);
    JsonNode patched =
        api.patch(path + "/scale", RawApi.MERGE_PATCH, "{\"spec\":{\"replicas\":0}}");
    assertThat(patched.at("/spec/replicas").asInt(-1)).isZero();
    api.await(
        "none is left", CORE + "pods?labelSelector=app=" + name, l -> l.path("items").isEmpty());
    api.delete(path);
  }

  @Test
  void revisionsOfADaemonSetAreObjectsLikeAnyOther() {
    create("DaemonSet", "revised", 0);
    api.await(
        "its pods are ready",
        APPS + "daemonsets/revised",
        set ->
            set.at("/status/numberReady").asInt(0) >= 1
                && set.at("/status/numberReady").equals(set.at("/status/desiredNumberScheduled")));
    String revisions = APPS + "controllerrevisions";
    String ours = revisions + "?labelSelector=app=revised";
    ObjectNode first = (ObjectNode) api.get(ours).path("items").path(0);
    String firstPath = revisions + "/" + first.at("/metadata/name").asString();
    ObjectNode second = first.deepCopy();
    second.put("revision", 2);
    ObjectNode metadata = second.withObject("metadata");
    metadata.remove(List.of("resourceVersion", "uid", "managedFields"));
    metadata.put("name", "revised-again").withObject("labels").put("controller-revision-hash", "x");
    api.create(revisions, second.toString());
    assertThat(api.get(ours).path("items")).hasSize(2);
    api.delete(firstPath);
    api.await("one is left", ours, list -> list.path("items").size() == 1);
    api.patch(
        revisions + "/revised-again",
        RawApi.MERGE_PATCH,
        "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    api.patch(
        APPS + "daemonsets/revised",
        RawApi.STRATEGIC_PATCH,
        "{\"spec\":{\"template\":{\"spec\":{\"terminationGracePeriodSeconds\":1}}}}");
    api.await("a revision of the new template", ours, list -> list.path("items").size() == 2);
    api.delete(revisions + "?labelSelector=a=b");
    JsonNode left =
        api.await("one is left", ours, list -> list.path("items").size() == 1).path("items");
    assertThat(left.path(0).path("revision").asInt()).isEqualTo(3);
    api.delete(APPS + "daemonsets/revised");
  }

  @Test
  void aBudgetHoldsAnEvictionBackUntilItAllowsIt() {
    create("ReplicaSet", "guarded", 3);
    String set = APPS + "replicasets/guarded";
    api.create(
        POLICY + "poddisruptionbudgets",
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: guarded}
        spec: {minAvailable: 3, selector: {matchLabels: {app: guarded}}}
        """);
    String budget = POLICY + "poddisruptionbudgets/guarded";
    awaitThree(set);
    healthy(budget, 3);
    refused(evict());
    api.patch(budget, RawApi.MERGE_PATCH, "{\"spec\":{\"minAvailable\":2}}");
    api.await("it allows one", budget, b -> b.at("/status/disruptionsAllowed").asInt(0) == 1);
    List<String> before = living();
    evict().orFail();
    api.patch(
        budget, RawApi.MERGE_PATCH, "{\"spec\":{\"minAvailable\":null,\"maxUnavailable\":0}}");
    // One that is not ready yet costs no disruption, so that the counts alone will not do: they may
    // still be of the time before.
    Cluster.eventually("another is ready", () -> ready().size() == 3 && !ready().equals(before));
    awaitThree(set);
    api.await(
        "it has counted them",
        budget,
        b ->
            b.at("/status/observedGeneration").equals(b.at("/metadata/generation"))
                && b.at("/status/currentHealthy").asInt(0) == 3
                && b.at("/status/disruptedPods").isEmpty());
    refused(evict());

    // The status is the API's to take, too: a pod that is gone for the budget though it runs.
    String pod = living().getFirst();
    assertThat(disrupt(budget, pod).at("/status/disruptedPods").has(pod)).isTrue();
    JsonNode untold =
        api.patch(
            budget + "/status",
            RawApi.MERGE_PATCH,
            "{\"status\":{\"disruptedPods\":{\"" + pod + "\":null}}}");
    assertThat(untold.at("/status/disruptedPods")).isEmpty();

    api.delete(budget);
    evict().orFail();
    api.delete(set);
  }

  /** Again where the budget's controller was faster. */
  private static JsonNode disrupt(String budget, String pod) {
    while (true) {
      ObjectNode told = (ObjectNode) api.get(budget);
      told.withObject("status").withObject("disruptedPods").put(pod, "2999-01-01T00:00:00Z");
      RawApi.Answer answer =
          api.ask("PUT", budget + "/status", "application/json", told.toString());
      if (!answer.reason().equals("Conflict")) {
        return answer.orFail();
      }
    }
  }

  private static void awaitThree(String set) {
    api.await("three are ready", set, s -> s.at("/status/readyReplicas").asInt(0) == 3);
  }

  private static void healthy(String budget, int pods) {
    api.await("it counts " + pods, budget, b -> b.at("/status/currentHealthy").asInt(0) == pods);
  }

  private static List<String> living() {
    return guarded(pod -> true);
  }

  private static List<String> ready() {
    return guarded(pod -> condition(pod, "Ready", "True"));
  }

  private static List<String> guarded(Predicate<JsonNode> fitting) {
    return Cluster.stream(api.get(CORE + "pods?labelSelector=app=guarded").path("items"))
        .filter(pod -> !pod.path("metadata").has("deletionTimestamp"))
        .filter(fitting)
        .map(pod -> pod.at("/metadata/name").asString())
        .toList();
  }

  private static RawApi.Answer evict() {
    String pod = living().getFirst();
    return api.ask(
        "POST",
        CORE + "pods/" + pod + "/eviction",
        "application/yaml",
        "{apiVersion: policy/v1, kind: Eviction, metadata: {name: " + pod + "}}");
  }

  private static void refused(RawApi.Answer answer) {
    assertThat(answer.code()).as(answer.text()).isEqualTo(429);
    assertThat(answer.json().at("/details/causes/0/reason").asString(""))
        .isEqualTo("DisruptionBudget");
  }

  /** The pods ask for a resource of which a node has just enough for one of them. */
  @Test
  void aPodThatMakesRoomForAnotherSaysSo(Cluster cluster) {
    String node = "/api/v1/nodes/" + cluster.nodes().getFirst();
    api.patch(
        node + "/status",
        RawApi.STRATEGIC_PATCH,
        "{\"status\":{\"capacity\":{\"example.com/seat\":\"1\"},\"allocatable\":{\"example.com/seat\":\"1\"}}}");
    api.create(
        "/apis/scheduling.k8s.io/v1/priorityclasses",
        "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: seat-first},"
            + " value: 1000}");
    try {
      seat("humble", "", "[example.com/remembered]");
      api.await("it sits", CORE + "pods/humble", pod -> condition(pod, "Ready", "True"));
      seat("grand", "seat-first", "[]");
      JsonNode preempted =
          api.await(
              "it makes room",
              CORE + "pods/humble",
              pod -> pod.path("metadata").has("deletionTimestamp"));
      JsonNode disrupted =
          Cluster.stream(preempted.at("/status/conditions"))
              .filter(c -> c.path("type").asString().equals("DisruptionTarget"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no such condition: " + preempted));
      assertThat(disrupted.path("status").asString()).isEqualTo("True");
      assertThat(disrupted.path("reason").asString()).isEqualTo("PreemptionByScheduler");
      api.patch(CORE + "pods/humble", RawApi.MERGE_PATCH, "{\"metadata\":{\"finalizers\":null}}");
      api.await("the other sits", CORE + "pods/grand", pod -> condition(pod, "Ready", "True"));
    } finally {
      cluster.kubectl("-n", NAMESPACE, "delete", "pod", "grand", "humble", "--ignore-not-found");
      api.delete("/apis/scheduling.k8s.io/v1/priorityclasses/seat-first");
      api.patch(
          node + "/status",
          RawApi.JSON_PATCH,
          "[{\"op\":\"remove\",\"path\":\"/status/capacity/example.com~1seat\"}]");
    }
  }

  private static void seat(String name, String priority, String finalizers) {
    api.create(
        CORE + "pods",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, finalizers: %s}
        spec:
          priorityClassName: "%s"
          terminationGracePeriodSeconds: 0
          containers:
            - name: main
              image: coxswain/demo:1
              resources: {limits: {example.com/seat: 1}}
        """
            .formatted(name, finalizers, priority));
  }
}
