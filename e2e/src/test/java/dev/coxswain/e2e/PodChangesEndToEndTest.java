package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Pods that are changed while they run: resized, edited, looked into, written of. */
@ExtendWith(SharedCluster.class)
final class PodChangesEndToEndTest {
  private static final String NAMESPACE = "pod-changes";

  /** Without the version that was read, so that the kubelet's reports are no conflict. */
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private static ClientGround ground;
  private static KubernetesClient client;

  @BeforeAll
  static void begin(Cluster cluster, @TempDir Path folder) throws Exception {
    ground = ClientGround.prepare(cluster, NAMESPACE, folder);
    client = ground.fabric8();
  }

  @AfterAll
  static void leaveNothing() {
    client.close();
    ground.close();
  }

  @Test
  void containersAreResizedTogetherUpAndDown(Cluster cluster) {
    Map<String, Amounts> first =
        Map.of(
            "one", new Amounts("20m", "20m", "35Mi", "35Mi"),
            "two", new Amounts("22m", "22m", "37Mi", "37Mi"),
            "three", new Amounts("24m", "24m", "39Mi", "39Mi"));
    make(cluster, "together", first, "");
    Map<String, Amounts> second =
        Map.of(
            "one", new Amounts("25m", "25m", "35Mi", "35Mi"),
            "two", new Amounts("17m", "17m", "42Mi", "42Mi"),
            "three", new Amounts("19m", "19m", "30Mi", "30Mi"));
    resize(cluster, "together", second);
    awaitResized(cluster, "together", second, 0);
    resize(cluster, "together", first);
    awaitResized(cluster, "together", first, 0);
  }

  @Test
  void requestsAndLimitsAreAddedAndEquivalentsShown(Cluster cluster) {
    make(
        cluster,
        "added",
        Map.of(
            "one", new Amounts("20m", "", "", ""),
            "two", new Amounts("", "", "35Mi", ""),
            "three", new Amounts("2m", "10m", "", "")),
        "");
    Map<String, Amounts> then =
        Map.of(
            "one", new Amounts("25m", "35m", "", ""),
            "two", new Amounts("15m", "", "30Mi", "50Mi"),
            "three", new Amounts("1m", "5m", "", ""));
    resize(cluster, "added", then);
    awaitResized(cluster, "added", then, 0);
  }

  @Test
  void aContainerThatAsksForItIsRestartedByItsResize(Cluster cluster) {
    make(
        cluster,
        "restarted",
        Map.of("one", new Amounts("20m", "30m", "35Mi", "45Mi")),
        "resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}],");
    Map<String, Amounts> processor = Map.of("one", new Amounts("25m", "35m", "35Mi", "45Mi"));
    resize(cluster, "restarted", processor);
    awaitResized(cluster, "restarted", processor, 0);
    Map<String, Amounts> memory = Map.of("one", new Amounts("25m", "35m", "30Mi", "40Mi"));
    resize(cluster, "restarted", memory);
    awaitResized(cluster, "restarted", memory, 1);
  }

  @Test
  void aResizeTakesNothingAwayAndTheNodeSaysWhatItCannotGive(Cluster cluster) {
    make(cluster, "greedy", Map.of("one", new Amounts("20m", "30m", "", "")), "");
    Shell.Outcome refused =
        cluster.tryKubectl(
            "-n",
            NAMESPACE,
            "patch",
            "pod",
            "greedy",
            "--subresource=resize",
            "--type=merge",
            "-p",
            "{\"spec\":{\"containers\":[{\"name\":\"one\",\"image\":\"coxswain/demo:1\","
                + "\"resources\":{\"requests\":{\"cpu\":\"20m\"}}}]}}");
    assertThat(refused.errors()).contains("resource limits cannot be removed");
    resize(cluster, "greedy", Map.of("one", new Amounts("1000", "2000", "", "")));
    Cluster.eventually(
        "the node says that it is too small",
        () -> {
          JsonNode status = status(cluster, "greedy");
          JsonNode pending = condition(status, "PodResizePending");
          return pending.path("reason").asString("").equals("Infeasible")
              && pending.path("message").asString("").contains("enough capacity: cpu")
              && Amounts.of(status.at("/containerStatuses/0/resources"))
                  .equals(new Amounts("20m", "30m", "", ""));
        });
    Map<String, Amounts> modest = Map.of("one", new Amounts("10m", "15m", "", ""));
    resize(cluster, "greedy", modest);
    awaitResized(cluster, "greedy", modest, 0);
  }

  @Test
  void aResizeWaitsForRoomAndGetsItWhenAnotherPodGoes(Cluster cluster) {
    String node = cluster.nodes().getFirst();
    long all =
        1000
            * Long.parseLong(
                cluster.json("node", node).at("/status/allocatable/cpu").asString("0"));
    String half = all / 2 + "m";
    // No whole number, which the API would write without its unit.
    String most = all * 3 / 4 - 10 + "m";
    String here = "nodeName: " + node + "\n";
    make(cluster, "filler", Map.of("one", new Amounts(half, "", "", "")), "", here);
    make(cluster, "patient", Map.of("one", new Amounts("20m", "", "", "")), "", here);
    Map<String, Amounts> larger = Map.of("one", new Amounts(most, "", "", ""));
    resize(cluster, "patient", larger);
    Cluster.eventually(
        "the node says that others have it",
        () -> {
          JsonNode status = status(cluster, "patient");
          JsonNode pending = condition(status, "PodResizePending");
          return pending.path("reason").asString("").equals("Deferred")
              && pending.path("message").asString("").contains("enough resource: cpu, requested:")
              && status
                  .at("/containerStatuses/0/allocatedResources/cpu")
                  .asString("")
                  .equals("20m");
        });
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "filler", "--now");
    Cluster.eventually(
        "it has got it",
        () -> shows(status(cluster, "patient").at("/containerStatuses/0"), larger, 0));
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "patient", "--now");
  }

  @Test
  void aMemoryLimitBelowWhatIsUsedIsRefused(Cluster cluster) {
    Amounts roomy = new Amounts("", "", "20Mi", "80Mi");
    make(cluster, "hoarder", Map.of("one", roomy), "");
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "exec",
        "hoarder",
        "--",
        "dd",
        "if=/dev/zero",
        "of=/dev/shm/hoard",
        "bs=1M",
        "count=40");
    resize(cluster, "hoarder", Map.of("one", new Amounts("", "", "20Mi", "30Mi")));
    Cluster.eventually(
        "the node says that more is used",
        () -> {
          JsonNode status = status(cluster, "hoarder");
          JsonNode underWay = condition(status, "PodResizeInProgress");
          return underWay.path("reason").asString("").equals("Error")
              && underWay
                  .path("message")
                  .asString("")
                  .matches(
                      "cannot decrease memory limits: .*container \"one\" memory limit"
                          + " \\(31457280\\) below current usage \\(\\d+\\).*")
              && Amounts.of(status.at("/containerStatuses/0/resources")).equals(roomy);
        });
    cluster.kubectl("-n", NAMESPACE, "exec", "hoarder", "--", "rm", "/dev/shm/hoard");
    awaitResized(cluster, "hoarder", Map.of("one", new Amounts("", "", "20Mi", "30Mi")), 0);
  }

  @Test
  void fiveHundredEditsAreSeenToTheLast() {
    PodResource pod = client.pods().inNamespace(NAMESPACE).withName("edited");
    client
        .pods()
        .inNamespace(NAMESPACE)
        .resource(
            new PodBuilder(plain("edited"))
                .editMetadata()
                .withGeneration(100L)
                .endMetadata()
                .editSpec()
                .withActiveDeadlineSeconds(5000L)
                .endSpec()
                .build())
        .create();
    awaitReady("edited");
    assertThat(pod.get().getMetadata().getGeneration()).isEqualTo(1);
    for (int i = 1; i < 500; i++) {
      long left = 5000L - i;
      pod.patch(MERGE, "{\"spec\":{\"activeDeadlineSeconds\":" + left + "}}");
    }
    assertThat(pod.get().getMetadata().getGeneration()).isEqualTo(500);
    Cluster.eventually(
        "the node has seen the last edit, and so says each of its conditions",
        () -> {
          Pod seen = pod.get();
          return seen.getStatus().getObservedGeneration() == 500
              && seen.getStatus().getConditions().stream()
                  .map(PodCondition::getObservedGeneration)
                  .allMatch(Long.valueOf(500)::equals);
        });
  }

  @Test
  void replacedTolerationsKeepTheDefaultsAndOnlyTheSpecCounts() {
    PodResource pod = client.pods().inNamespace(NAMESPACE).withName("tolerant");
    client.pods().inNamespace(NAMESPACE).resource(plain("tolerant")).create();
    awaitReady("tolerant");
    Toleration extra = new Toleration("NoSchedule", "quay", "Equal", null, "north");
    Pod replaced =
        pod.patch(
            MERGE,
            "{\"spec\":{\"tolerations\":[{\"key\":\"quay\",\"operator\":\"Equal\","
                + "\"value\":\"north\",\"effect\":\"NoSchedule\"}]}}");
    assertThat(replaced.getMetadata().getGeneration()).isEqualTo(2);
    assertThat(replaced.getSpec().getTolerations()).hasSize(3).contains(extra);
    Pod annotated =
        pod.patch(MERGE, "{\"metadata\":{\"generation\":1,\"annotations\":{\"seen\":\"yes\"}}}");
    assertThat(annotated.getMetadata().getGeneration()).isEqualTo(2);
    pod.withGracePeriod(60).delete();
    assertThat(pod.get().getMetadata().getGeneration()).isEqualTo(3);
    pod.withGracePeriod(0).delete();
  }

  @Test
  void ephemeralContainersAreAddedOneAfterTheOther() {
    PodResource pod = client.pods().inNamespace(NAMESPACE).withName("visited");
    client.pods().inNamespace(NAMESPACE).resource(plain("visited")).create();
    awaitReady("visited");
    for (String name : List.of("first", "second")) {
      pod.subresource("ephemeralcontainers")
          .patch(
              PatchContext.of(PatchType.STRATEGIC_MERGE),
              "{\"spec\":{\"ephemeralContainers\":[{\"name\":\""
                  + name
                  + "\",\"image\":\"coxswain/demo:1\",\"command\":[\"sleep\",\"12345\"],"
                  + "\"stdin\":true,\"tty\":true}]}}");
    }
    Cluster.eventually(
        "both run",
        () ->
            pod.get().getStatus().getEphemeralContainerStatuses().stream()
                    .filter(status -> status.getState().getRunning() != null)
                    .count()
                == 2);
    assertThat(pod.get().getMetadata().getGeneration()).isEqualTo(3);
    pod.withGracePeriod(0).delete();
  }

  @Test
  void sysctlsOfNoFormAreRefusedAndNamed(Cluster cluster) {
    Shell.Outcome refused =
        cluster.tryKubectl(
            "-n",
            NAMESPACE,
            "run",
            "knobs",
            "--image=coxswain/demo:1",
            "--overrides={\"spec\":{\"securityContext\":{\"sysctls\":["
                + "{\"name\":\"foo-\",\"value\":\"1\"},"
                + "{\"name\":\"kernel.shmmax\",\"value\":\"1\"},"
                + "{\"name\":\"bar..\",\"value\":\"1\"}]}}}");
    assertThat(refused.errors())
        .contains("Invalid value: \"foo-\"", "Invalid value: \"bar..\"")
        .doesNotContain("kernel.shmmax");
  }

  private static Pod plain(String name) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(0L)
        .addNewContainer()
        .withName("main")
        .withImage("coxswain/demo:1")
        .withCommand("sh", "-c", "while :; do sleep 1; done")
        .endContainer()
        .endSpec()
        .build();
  }

  /** Requests and limits of processor and memory; empty for none. */
  private record Amounts(String cpu, String cpuLimit, String memory, String memoryLimit) {
    static Amounts of(JsonNode resources) {
      return new Amounts(
          resources.at("/requests/cpu").asString(""),
          resources.at("/limits/cpu").asString(""),
          resources.at("/requests/memory").asString(""),
          resources.at("/limits/memory").asString(""));
    }

    String json() {
      return "{\"requests\":"
          + list(cpu, memory)
          + ",\"limits\":"
          + list(cpuLimit, memoryLimit)
          + "}";
    }

    private static String list(String cpu, String memory) {
      String first = cpu.isEmpty() ? "" : "\"cpu\":\"" + cpu + "\"";
      String second = memory.isEmpty() ? "" : "\"memory\":\"" + memory + "\"";
      return "{" + first + (first.isEmpty() || second.isEmpty() ? "" : ",") + second + "}";
    }

    /** What the kernel shows, as cgroup v1 and as v2 has it: weight, quota and limit. */
    List<String> kernel() {
      long shares = cpu.isEmpty() ? 2 : Math.max(2, millis(cpu) * 1024 / 1000);
      long quota = cpuLimit.isEmpty() ? -1 : Math.max(1000, millis(cpuLimit) * 100);
      String bytes =
          memoryLimit.isEmpty()
              ? ""
              : Long.toString(Long.parseLong(memoryLimit.replace("Mi", "")) << 20);
      return List.of(
          shares + " " + quota + " " + bytes,
          (1 + (shares - 2) * 9999 / 262142)
              + (quota < 0 ? " max 100000 " : " " + quota + " 100000 ")
              + bytes);
    }

    private static long millis(String cpus) {
      return Long.parseLong(cpus.replace("m", ""));
    }
  }

  private static void make(
      Cluster cluster, String name, Map<String, Amounts> containers, String more) {
    make(cluster, name, containers, more, "");
  }

  private static void make(
      Cluster cluster,
      String name,
      Map<String, Amounts> containers,
      String more,
      String furtherSpec) {
    StringBuilder list = new StringBuilder();
    containers.forEach((container, amounts) ->
        list.append("    - {name: ")
            .append(container)
            .append(", image: \"coxswain/demo:1\", command: [sleep, \"12345\"], ")
            .append(more)
            .append(" resources: ")
            .append(amounts.json())
            .append("}\n"));
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          terminationGracePeriodSeconds: 0
          %s
          containers:
        %s\
        """
            .formatted(name, furtherSpec, list));
    awaitReady(name);
  }

  private static void resize(Cluster cluster, String pod, Map<String, Amounts> containers) {
    StringBuilder list = new StringBuilder();
    containers.forEach((container, amounts) ->
        list.append(list.isEmpty() ? "" : ",")
            .append("{\"name\":\"")
            .append(container)
            .append("\",\"resources\":")
            .append(amounts.json())
            .append("}"));
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "patch",
        "pod",
        pod,
        "--subresource=resize",
        "-p",
        "{\"spec\":{\"containers\":[" + list + "]}}");
  }

  /** Until the status shows the amounts, nothing is said to be under way, and the kernel agrees. */
  private static void awaitResized(
      Cluster cluster, String pod, Map<String, Amounts> containers, int restarts) {
    Cluster.eventually(
        pod + " is resized",
        () -> {
          JsonNode status = status(cluster, pod);
          boolean settled =
              condition(status, "PodResizePending").isMissingNode()
                  && condition(status, "PodResizeInProgress").isMissingNode()
                  && condition(status, "Ready").path("status").asString("").equals("True");
          return settled
              && Cluster.stream(status.path("containerStatuses"))
                  .allMatch(one -> shows(one, containers, restarts));
        });
    containers.forEach((container, amounts) -> {
      String seen =
          cluster.kubectl(
              "-n",
              NAMESPACE,
              "exec",
              pod,
              "-c",
              container,
              "--",
              "sh",
              "-c",
              "cd /sys/fs/cgroup; if [ -e cgroup.controllers ];"
                  + " then echo $(cat cpu.weight cpu.max memory.max);"
                  + " else echo $(cat cpu/cpu.shares cpu/cpu.cfs_quota_us"
                  + " memory/memory.limit_in_bytes); fi");
      assertThat(amounts.kernel()).as(pod + "/" + container).anyMatch(seen::startsWith);
    });
  }

  private static boolean shows(JsonNode status, Map<String, Amounts> containers, int restarts) {
    @Nullable Amounts wanted = containers.get(status.path("name").asString());
    Amounts requested =
        Amounts.of(
            JsonNodeFactory.instance
                .objectNode()
                .set("requests", status.path("allocatedResources")));
    return wanted != null
        && Amounts.of(status.path("resources")).equals(wanted)
        && requested.cpu().equals(wanted.cpu())
        && requested.memory().equals(wanted.memory())
        && status.path("restartCount").asInt(-1) == restarts;
  }

  private static JsonNode status(Cluster cluster, String pod) {
    return cluster.json("-n", NAMESPACE, "pod", pod).path("status");
  }

  private static JsonNode condition(JsonNode status, String type) {
    return Cluster.stream(status.path("conditions"))
        .filter(one -> one.path("type").asString("").equals(type))
        .findFirst()
        .orElse(status.path("none"));
  }

  private static void awaitReady(String pod) {
    Cluster.eventually(
        pod + " is ready", () -> client.pods().inNamespace(NAMESPACE).withName(pod).isReady());
  }
}
