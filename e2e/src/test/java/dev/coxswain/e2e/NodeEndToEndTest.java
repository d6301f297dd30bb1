package dev.coxswain.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * What a pod may ask of its node, a pod for each behaviour, all at once. Each manifest under {@code
 * resources/node} says itself what must come of it: see {@link Expectation}.
 */
@ExtendWith(SharedCluster.class)
final class NodeEndToEndTest {
  private static final String NAMESPACE = "node-walk";
  private static final Path MANIFESTS = Path.of("e2e/src/test/resources/node");

  @BeforeAll
  static void applyAll(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    cluster.kubectl("-n", NAMESPACE, "create", "-f", MANIFESTS.toString());
  }

  @AfterAll
  static void deleteAll(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
  }

  @TestFactory
  Stream<DynamicTest> everyPodMeetsItsExpectation(Cluster cluster) {
    List<JsonNode> pods =
        Cluster.stream(cluster.json("-n", NAMESPACE, "pods").path("items"))
            .filter(Expectation::isDeclaredBy)
            .toList();
    assertThat(pods).as("pods with an expectation").hasSizeGreaterThan(40);
    return pods.stream().map(pod -> ExpectedPods.test(cluster, NAMESPACE, Expectation.of(pod)));
  }

  @Test
  void aChangedLabelReachesTheVolumeThatShowsIt(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "label", "pod", "changing", "watch=night", "--overwrite");
    Cluster.eventually(
        "the label is in the file",
        () -> inside(cluster, "changing", "cat", "/down/labels").contains("watch=\"night\""));
  }

  @Test
  void aConfigMapIsInItsVolumeOnceItIsThereAndWhenItChangesAllAtOnce(Cluster cluster) {
    awaitReady(cluster, "changing");
    assertThat(inside(cluster, "changing", "ls", "/news")).isEmpty();
    cluster.kubectl("-n", NAMESPACE, "create", "configmap", "news", "--from-literal=sky=blue");
    Cluster.eventually(
        "it is there", () -> inside(cluster, "changing", "cat", "/news/sky").equals("blue"));
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "patch",
        "configmap",
        "news",
        "-p",
        "{\"data\":{\"sky\":\"grey\",\"wind\":\"north\"}}");
    Cluster.eventually(
        "it is another", () -> inside(cluster, "changing", "cat", "/news/sky").equals("grey"));
    assertThat(inside(cluster, "changing", "cat", "/news/wind")).isEqualTo("north");
    assertThat(inside(cluster, "changing", "readlink", "/news/wind")).isEqualTo("..data/wind\n");
  }

  @Test
  void theControlGroupsOfPodsStandByTheirQuality(Cluster cluster) {
    assertThat(controlGroups(cluster, "changing", "/kubepods/besteffort")).contains("4096");
    controlGroups(cluster, "resized", "/kubepods/burstable");
    assertThat(controlGroups(cluster, "steady", "/kubepods"))
        .contains("4096", Long.toString(32L << 20))
        .anyMatch(line -> line.equals("5000") || line.equals("5000 100000"));
  }

  /** The limits in the pod's groups, which all stand below that one. */
  private static List<String> controlGroups(Cluster cluster, String name, String parent) {
    awaitReady(cluster, name);
    JsonNode pod = cluster.json("-n", NAMESPACE, "pod", name);
    String group = "pod" + pod.at("/metadata/uid").asString();
    String node = pod.at("/spec/nodeName").asString();
    String find = "find /sys/fs/cgroup -maxdepth 6 -type d -name " + group + " 2> /dev/null";
    // Others come and go meanwhile.
    List<String> found =
        cluster.onNode(node, "sh", "-c", find + " | sort").orFail().lines().toList();
    assertThat(found).isNotEmpty().allMatch(path -> path.endsWith(parent + "/" + group));
    String limits =
        "for file in memory.limit_in_bytes memory.max pids.max cpu.cfs_quota_us cpu.max; do "
            + find
            + " | while read at; do cat $at/$file 2> /dev/null; done; done; true";
    return cluster.onNode(node, "sh", "-c", limits).orFail().lines().toList();
  }

  @Test
  void aResizeReachesTheRunningContainer(Cluster cluster) {
    awaitReady(cluster, "resized");
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "patch",
        "pod",
        "resized",
        "--subresource=resize",
        "-p",
        "{\"spec\":{\"containers\":[{\"name\":\"main\",\"resources\":"
            + "{\"requests\":{\"cpu\":\"30m\"},\"limits\":{\"cpu\":\"60m\",\"memory\":\"48Mi\"}}}]}}");
    Cluster.eventually(
        "the status tells the new limits",
        () -> {
          JsonNode status = cluster.json("-n", NAMESPACE, "pod", "resized").path("status");
          JsonNode limits = status.at("/containerStatuses/0/resources/limits");
          return limits.path("cpu").asString("").equals("60m")
              && limits.path("memory").asString("").equals("48Mi")
              && status.at("/containerStatuses/0/restartCount").asInt(-1) == 0;
        });
    String limit =
        inside(
            cluster,
            "resized",
            "sh",
            "-c",
            "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes 2>/dev/null || cat memory.max");
    assertThat(limit.strip()).isEqualTo(Long.toString(48L << 20));
  }

  @Test
  void aFailingSubPathIsMendedByTheAnnotationThatItReads(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "annotate", "pod", "mended", "where=good", "--overwrite");
    awaitReady(cluster, "mended");
  }

  @Test
  void anEphemeralContainerSeesTheProcessesOfItsTarget(Cluster cluster) {
    awaitReady(cluster, "resized");
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "debug",
        "resized",
        "--image=coxswain/demo:1",
        "--target=main",
        "--container=look",
        "--profile=general",
        "--",
        "ps");
    Cluster.eventually(
        "its output is in its log",
        () ->
            cluster
                .kubectl("-n", NAMESPACE, "logs", "resized", "-c", "look")
                .contains("sleep 12345"));
    Cluster.eventually(
        "who attaches to what has ended is told so",
        () ->
            cluster
                .tryKubectl("-n", NAMESPACE, "attach", "resized", "--container=look")
                .errors()
                .contains("container not found (\"look\")"));
  }

  @Test
  void preStopRunsBeforeThePodIsGone(Cluster cluster) {
    awaitReady(cluster, "leaving");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "leaving", Cluster.PATIENTLY);
    assertThat(inside(cluster, "changing", "cat", "/host/farewell")).isEqualTo("farewell\n");
    assertThat(inside(cluster, "changing", "cat", "/host/called"))
        .startsWith("GET /farewell HTTP/1.1");
    String pause = "echo $(($(cat /host/ended) - $(stat -c %Y /host/farewell) >= 1))";
    assertThat(inside(cluster, "changing", "sh", "-c", pause)).isEqualTo("1\n");
  }

  @Test
  void aReadinessGateOpensWhenItsConditionHolds(Cluster cluster) {
    Cluster.eventually(
        "the pod waits for its gate",
        () ->
            condition(cluster, "gated", "Ready")
                .path("reason")
                .asString("")
                .equals("ReadinessGatesNotReady"));
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "patch",
        "pod",
        "gated",
        "--subresource=status",
        "-p",
        "{\"status\":{\"conditions\":["
            + "{\"type\":\"tests.coxswain.dev/ready\",\"status\":\"True\"}]}}");
    awaitReady(cluster, "gated");
  }

  @Test
  void aPreviousContainersLogIsToldThoughItWasTurnedOver(Cluster cluster) {
    awaitRestarted(cluster, "wordy");
    // As upstream's kubelet, it tells of the newest file alone. That begins in the midst of the
    // many lines where the log was turned over while they were written.
    assertThat(cluster.kubectl("-n", NAMESPACE, "logs", "wordy", "--previous").lines().distinct())
        .contains("last")
        .doesNotContain("first");
  }

  @Test
  void strictGroupsAreKeptWhereTheRuntimeCanAndRefusedWhereNot(Cluster cluster) {
    boolean can =
        !cluster
            .json("node", "node-1")
            .at("/status/nodeInfo/containerRuntimeVersion")
            .asString()
            .startsWith("containerd://1.");
    Cluster.eventually(
        "the pod has ended",
        () -> {
          JsonNode status = cluster.json("-n", NAMESPACE, "pod", "strict-groups").path("status");
          return can
              ? status.path("phase").asString("").equals("Succeeded")
              : status.path("reason").asString("").equals("SupplementalGroupsPolicyNotSupported");
        });
    if (can) {
      assertThat(cluster.kubectl("-n", NAMESPACE, "logs", "strict-groups")).contains("3000");
    }
  }

  @Test
  void aProfileThatTheKernelCannotEnforceKeepsAPodFromTheNode(Cluster cluster) {
    boolean can = inside(cluster, "changing", "ls", "/sys/module").contains("apparmor");
    Cluster.eventually(
        "the pod runs confined or not at all",
        () -> {
          JsonNode status = cluster.json("-n", NAMESPACE, "pod", "armoured").path("status");
          return can
              ? status.path("phase").asString("").equals("Succeeded")
              : status.path("reason").asString("").equals("AppArmor")
                  && status
                      .path("message")
                      .asString("")
                      .endsWith("Cannot enforce AppArmor: AppArmor is not enabled on the host");
        });
  }

  @Test
  void aNodeTellsOfItselfAndItsPods(Cluster cluster) {
    awaitReady(cluster, "manifests");
    assertThat(inside(cluster, "manifests", "wget", "-qO-", "http://127.0.0.1:10248/healthz"))
        .isEqualTo("ok");
    assertThat(ofNode(cluster, "healthz")).isEqualTo("ok");
    assertThat(ofNode(cluster, "pods")).contains("\"name\":\"manifests\"");
    assertThat(ofNode(cluster, "metrics")).contains("# TYPE kubelet_node_name gauge");
    Cluster.eventually(
        "the node's processors are measured",
        () -> ofNode(cluster, "metrics/resource").contains("node_cpu_usage_seconds_total"));
    Cluster.eventually(
        "the pod's memory is measured",
        () ->
            ofNode(cluster, "metrics/cadvisor")
                .lines()
                .anyMatch(line ->
                    line.startsWith("container_memory_working_set_bytes{")
                        && line.contains("pod=\"manifests\"")));
    // Nobody says on which nodes the pods with probes are.
    Cluster.eventually(
        "a node's own probes are counted",
        () ->
            cluster.nodes().stream()
                .flatMap(node -> ofNode(cluster, node, "metrics/probes").lines())
                .anyMatch(
                    line -> line.startsWith("prober_probe_total{") && line.contains(NAMESPACE)));
  }

  @Test
  void itIsAskedByWhomTheApiServerLetsIn(Cluster cluster) {
    for (String account : List.of("reader", "stranger")) {
      cluster.kubectl("-n", NAMESPACE, "create", "serviceaccount", account);
    }
    cluster.kubectl(
        "create",
        "clusterrolebinding",
        NAMESPACE,
        "--clusterrole=system:kubelet-api-admin",
        "--serviceaccount=" + NAMESPACE + ":reader");
    try {
      String reader = cluster.kubectl("-n", NAMESPACE, "create", "token", "reader").strip();
      String stranger = cluster.kubectl("-n", NAMESPACE, "create", "token", "stranger").strip();
      assertThat(answered(cluster, "")).isEqualTo(401);
      assertThat(answered(cluster, "nonsense")).isEqualTo(401);
      // What an API server has been told it knows a moment later.
      Cluster.eventually("it knows a stranger", () -> answered(cluster, stranger) == 403);
      Cluster.eventually("it knows a reader", () -> answered(cluster, reader) == 200);
    } finally {
      cluster.kubectl("delete", "clusterrolebinding", NAMESPACE);
    }
  }

  /** How the first node itself answers who asks for its pods with this token. */
  private static int answered(Cluster cluster, String token) {
    String address =
        Cluster.stream(cluster.json("node", "node-1").at("/status/addresses"))
            .filter(one -> one.path("type").asString().equals("InternalIP"))
            .map(one -> one.path("address").asString())
            .findFirst()
            .orElseThrow();
    Kubeconfig config = Kubeconfig.read(cluster.home().resolve("kubeconfig"));
    TlsTrust trust = new TlsTrust(requireNonNull(config.authorities()));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://" + address + ":10250/pods"))
            .timeout(Duration.ofMinutes(1));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try (HttpClient client = HttpClient.newBuilder().sslContext(Tls.context(null, trust)).build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void aManifestOnTheNodeIsAPodWithAMirror(Cluster cluster) {
    String folder = "/manifests/";
    awaitReady(cluster, "manifests");
    inside(
        cluster,
        "manifests",
        "sh",
        "-c",
        "printf 'apiVersion: v1\\nkind: Pod\\nmetadata: {name: anchored, namespace: "
            + NAMESPACE
            + "}\\nspec: {terminationGracePeriodSeconds: 0, containers: "
            + "[{name: main, image: \"coxswain/demo:1\"}]}\\n' > "
            + folder
            + "anchored.yaml");
    Cluster.eventually(
        "its mirror is ready",
        () ->
            cluster.kubectl("-n", NAMESPACE, "get", "pod", "anchored-node-1").contains("Running"));
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "anchored-node-1", "--wait=false");
    Cluster.eventually(
        "the pod runs on and has a mirror again",
        () -> {
          JsonNode mirror = cluster.json("-n", NAMESPACE, "pod", "anchored-node-1");
          return mirror.path("status").path("phase").asString("").equals("Running")
              && mirror.path("metadata").path("deletionTimestamp").isMissingNode();
        });
    assertThat(
            cluster
                .json("-n", NAMESPACE, "pod", "anchored-node-1")
                .at("/status/containerStatuses/0/restartCount")
                .asInt(-1))
        .isZero();
    inside(cluster, "manifests", "rm", folder + "anchored.yaml");
    Cluster.eventually(
        "pod and mirror are gone",
        () -> cluster.tryKubectl("-n", NAMESPACE, "get", "pod", "anchored-node-1").exitCode() != 0);
  }

  @Test
  void aRuntimeClassThatIsNotThereIsRefused(Cluster cluster) {
    Shell.Outcome refused =
        cluster.tryKubectl(
            "-n",
            NAMESPACE,
            "run",
            "classless",
            "--image=coxswain/demo:1",
            "--overrides={\"spec\":{\"runtimeClassName\":\"none\"}}");
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.errors()).contains("pod rejected: RuntimeClass \"none\" not found");
  }

  /** With the patience of all: a hundred pods begin at once. */
  private static void awaitReady(Cluster cluster, String pod) {
    Cluster.eventually(
        pod + " is ready",
        () -> condition(cluster, pod, "Ready").path("status").asString("").equals("True"));
  }

  private static void awaitRestarted(Cluster cluster, String pod) {
    Cluster.eventually(
        pod + " runs again",
        () -> {
          JsonNode status = cluster.json("-n", NAMESPACE, "pod", pod).path("status");
          return status.at("/containerStatuses/0/restartCount").asInt(0) == 1
              && status.at("/containerStatuses/0/state/running").isObject();
        });
  }

  private static JsonNode condition(Cluster cluster, String pod, String type) {
    JsonNode status = cluster.json("-n", NAMESPACE, "pod", pod).path("status");
    return Cluster.stream(status.path("conditions"))
        .filter(one -> one.path("type").asString("").equals(type))
        .findFirst()
        .orElse(status.path("none"));
  }

  private static String ofNode(Cluster cluster, String path) {
    return ofNode(cluster, "node-1", path);
  }

  private static String ofNode(Cluster cluster, String node, String path) {
    return cluster.kubectl("get", "--raw", "/api/v1/nodes/" + node + "/proxy/" + path);
  }

  private static String inside(Cluster cluster, String pod, String... command) {
    List<String> arguments = new ArrayList<>(List.of("-n", NAMESPACE, "exec", pod, "-c", "main"));
    arguments.add("--");
    arguments.addAll(List.of(command));
    return cluster.kubectl(arguments.toArray(String[]::new));
  }
}
