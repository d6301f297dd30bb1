package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    return pods.stream().map(pod -> test(cluster, Expectation.of(pod)));
  }

  @Test
  void aChangedLabelReachesTheVolumeThatShowsIt(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "label", "pod", "changing", "watch=night", "--overwrite");
    Cluster.eventually(
        "the label is in the file",
        () -> inside(cluster, "changing", "cat", "/down/labels").contains("watch=\"night\""));
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
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "leaving", "--timeout=60s");
    assertThat(inside(cluster, "changing", "cat", "/host/farewell")).isEqualTo("farewell\n");
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

  private static void awaitReady(Cluster cluster, String pod) {
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/" + pod, "--for=condition=Ready", "--timeout=110s");
  }

  private static String inside(Cluster cluster, String pod, String... command) {
    List<String> arguments = new ArrayList<>(List.of("-n", NAMESPACE, "exec", pod, "-c", "main"));
    arguments.add("--");
    arguments.addAll(List.of(command));
    return cluster.kubectl(arguments.toArray(String[]::new));
  }

  private static DynamicTest test(Cluster cluster, Expectation expectation) {
    String name = expectation.pod();
    return DynamicTest.dynamicTest(
        name,
        () -> {
          List<String> unmet = new ArrayList<>();
          try {
            Cluster.eventually(
                name,
                () -> {
                  List<String> now = expectation.unmet(new Evidence(cluster, name));
                  unmet.clear();
                  unmet.addAll(now);
                  return now.isEmpty();
                });
          } catch (org.awaitility.core.ConditionTimeoutException late) {
            throw new AssertionError(name + ": " + String.join("\n", unmet), late);
          }
        });
  }

  /** What the cluster shows of a pod. */
  private record Evidence(Cluster cluster, String pod) implements Expectation.Evidence {
    @Override
    public JsonNode status() {
      return cluster.json("-n", NAMESPACE, "pod", pod).path("status");
    }

    @Override
    public List<String> log() {
      return cluster
          .tryKubectl("-n", NAMESPACE, "logs", pod, "--all-containers")
          .output()
          .lines()
          .toList();
    }

    @Override
    public List<String> events() {
      return Cluster.stream(
              cluster
                  .json("-n", NAMESPACE, "events", "--field-selector=involvedObject.name=" + pod)
                  .path("items"))
          .map(event -> event.path("message").asString())
          .toList();
    }

    @Override
    public Map<String, String> names() {
      return Map.of("$NAMESPACE", NAMESPACE);
    }
  }
}
