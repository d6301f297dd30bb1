package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Processes are killed with -9 while pods run and requests flow: nobody's pod restarts, no request
 * is lost, and the loop closes afterwards.
 */
@ExtendWith(SharedCluster.class)
final class FailureEndToEndTest {
  private static final String NAMESPACE = "storm";

  @BeforeAll
  static void startTheService(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: hull}
        spec:
          replicas: 3
          selector: {matchLabels: {app: hull}}
          template:
            metadata: {labels: {app: hull}}
            spec:
              tolerations:
                - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
                - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
              containers:
                - name: server
                  image: coxswain/demo:1
                  ports: [{name: http, containerPort: 8080}]
                  readinessProbe: {httpGet: {path: /health/readiness, port: http}, periodSeconds: 1}
                  livenessProbe: {httpGet: {path: /health/liveness, port: http}, periodSeconds: 5, timeoutSeconds: 5}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: hull}
        spec: {selector: {app: hull}, ports: [{port: 80, targetPort: http}]}
        """);
    Visitors.create(cluster, NAMESPACE);
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/hull", Cluster.PATIENTLY);
    Visitors.awaitReady(cluster, NAMESPACE);
  }

  @AfterAll
  static void clearTheDecks(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"store", "apiserver", "scheduler", "controllers", "kubelet", "proxy"})
  void aKilledProcessHarmsNobodyAndTheClusterConvergesOnceItIsBack(
      String program, Cluster cluster) {
    Map<String, String> before = containers(cluster);
    assertThat(before).hasSize(3);
    String node = cluster.nodes().getFirst();
    try (Visitors.Load load = Visitors.load(cluster, NAMESPACE, node, "http://hull." + NAMESPACE)) {
      String process = cluster.processes(program).getFirst();
      cluster.cox("kill", process).orFail();
      assertThat(cluster.healthy(process)).as(process + " is dead").isFalse();
      if (program.equals("proxy")) {
        // Rules stay in the kernel, and other nodes answer names.
        long known = load.tally().answered();
        Cluster.eventually("requests go on", () -> load.tally().answered() > known + 20);
      }
      cluster.cox("restart", process).orFail();
      Cluster.eventually(process + " is healthy again", () -> cluster.healthy(process));

      cluster.kubectl("-n", NAMESPACE, "scale", "deployment/hull", "--replicas=4");
      cluster.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/hull", Cluster.PATIENTLY);
      Map<String, String> scaled = containers(cluster);
      assertThat(scaled)
          .as("nothing created twice, nothing restarted")
          .hasSize(4)
          .containsAllEntriesOf(before);
      cluster.kubectl("-n", NAMESPACE, "scale", "deployment/hull", "--replicas=3");
      Cluster.eventually("one pod is gone again", () -> containers(cluster).size() == 3);

      Visitors.Tally tally = load.stop();
      assertThat(tally.failed())
          .as("requests failed beside " + tally.answered() + " answered")
          .isZero();
    }
  }

  @Test
  void aKilledContainerdRestartsNobodysPod(Cluster cluster) {
    Map<String, String> before = containers(cluster);
    String node = cluster.nodes().getFirst();
    try (Visitors.Load load = Visitors.load(cluster, NAMESPACE, node, "http://hull." + NAMESPACE)) {
      String process = cluster.processes("containerd").getFirst();
      cluster.cox("kill", process).orFail();
      cluster.cox("restart", process).orFail();
      cluster.apply(
          NAMESPACE,
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: afterwards}
          spec:
            nodeSelector: {kubernetes.io/hostname: %s}
            terminationGracePeriodSeconds: 0
            containers: [{name: c, image: "coxswain/demo:1"}]
          """
              .formatted(node));
      cluster.kubectl(
          "-n", NAMESPACE, "wait", "--for=condition=Ready", "pod/afterwards", Cluster.PATIENTLY);
      assertThat(containers(cluster)).isEqualTo(before);
      assertThat(load.stop().failed()).isZero();
    }
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "afterwards");
  }

  @Test
  void aKilledShimTakesItsOwnPodAloneAndThatBeginsAnew(Cluster cluster) {
    Map<String, String> before = containers(cluster);
    String mark = cluster.home().getFileName().toString();
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: shimmed}
        spec:
          terminationGracePeriodSeconds: 0
          containers:
            - {name: main, image: "coxswain/demo:1", command: [sh, -c, "%2$s", "%1$s-0"]}
            - {name: other, image: "coxswain/demo:1"}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: unique}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: "coxswain/demo:1", command: [sh, -c, "%2$s", "%1$s-1"]}]
        """
            .formatted(mark, "while :; do sleep 1; done"));
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "wait",
        "--for=condition=Ready",
        "pod/shimmed",
        "pod/unique",
        Cluster.PATIENTLY);
    List<ProcessHandle> killed = List.of(running(mark + "-0"), running(mark + "-1"));
    for (ProcessHandle process : killed) {
      ProcessHandle shim = process.parent().orElseThrow();
      assertThat(shim.info().command().orElse("")).endsWith("containerd-shim-runc-v2");
      shim.destroyForcibly();
    }
    Cluster.eventually(
        "both containers of the one run again",
        () -> {
          JsonNode pod = cluster.json("-n", NAMESPACE, "pod", "shimmed");
          return isReady(pod)
              && Cluster.stream(pod.at("/status/containerStatuses"))
                  .allMatch(one -> one.path("restartCount").asInt(0) == 1);
        });
    Cluster.eventually(
        "the other, which is never to run twice, has failed",
        () ->
            cluster
                .json("-n", NAMESPACE, "pod", "unique")
                .at("/status/phase")
                .asString("")
                .equals("Failed"));
    assertThat(killed).as("what the shims ran").noneMatch(ProcessHandle::isAlive);
    assertThat(running(mark + "-0")).as("just one").isNotEqualTo(killed.getFirst());
    Cluster.eventually(
        "it is told why",
        () ->
            cluster
                .kubectl(
                    "-n",
                    NAMESPACE,
                    "get",
                    "events",
                    "--field-selector=involvedObject.name=shimmed,reason=SandboxChanged",
                    "-o",
                    "jsonpath={.items[*].message}")
                .equals("Pod sandbox changed, it will be killed and re-created."));
    assertThat(containers(cluster)).isEqualTo(before);
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "shimmed", "unique", Cluster.PATIENTLY);
    // Without grace a pod is gone from the API before its node has ended it.
    Cluster.eventually("nothing of it runs", () -> processes(mark + "-0").isEmpty());
  }

  /**
   * containerd loses sight of a task if the kubelet dies just when it has been made; here another
   * client makes it.
   */
  @Test
  void aTaskThatContainerdHasLostSightOfKeepsNoPodFromGoing(Cluster cluster) {
    String node = cluster.nodes().getFirst();
    String mark = cluster.home().getFileName() + "-lost";
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: lost}
        spec:
          nodeName: %s
          restartPolicy: Never
          terminationGracePeriodSeconds: 1
          volumes: [{name: scratch, emptyDir: {}}]
          containers:
            - {name: stays, image: "coxswain/demo:1"}
            - name: ends
              image: "coxswain/demo:1"
              command:
                - sh
                - -c
                - "[ -e /scratch/ran ] && while :; do sleep 1; done; echo > /scratch/ran"
                - %s
              volumeMounts: [{name: scratch, mountPath: /scratch}]
        """
            .formatted(node, mark));
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "wait",
        "--for=jsonpath={.status.containerStatuses[?(@.name==\"ends\")].state.terminated.exitCode}"
            + "=0",
        "pod/lost",
        Cluster.PATIENTLY);
    String container =
        Cluster.stream(cluster.json("-n", NAMESPACE, "pod", "lost").at("/status/containerStatuses"))
            .filter(status -> status.path("name").asString().equals("ends"))
            .map(status -> status.path("containerID").asString().replace("containerd://", ""))
            .findFirst()
            .orElseThrow();
    cluster
        .onNode(node, "ctr", "-n", "k8s.io", "tasks", "start", "--detach", "--null-io", container)
        .orFail();
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "lost", Cluster.PATIENTLY);
    assertThat(processes(mark)).isEmpty();
    assertThat(cluster.onNode(node, "ctr", "-n", "k8s.io", "tasks", "list").orFail())
        .doesNotContain(container);
  }

  @Test
  void aPoweredOffNodesPodsAreReplacedElsewhereAndTheNodeComesBack(Cluster cluster) {
    String node = cluster.nodes().getLast();
    cluster.cox("node", "stop", node).orFail();
    try {
      Cluster.eventually("the node is seen as lost", () -> !ready(cluster, node));
      Cluster.eventually(
          "three ready pods on the other nodes",
          () ->
              Cluster.stream(pods(cluster))
                      .filter(pod -> !pod.path("spec").path("nodeName").asString().equals(node))
                      .filter(FailureEndToEndTest::isReady)
                      .count()
                  == 3);
    } finally {
      cluster.cox("node", "start", node).orFail();
    }
    Cluster.eventually("the node is Ready again", () -> ready(cluster, node));
    Cluster.eventually(
        "just three pods are left",
        () -> containers(cluster).size() == 3 && pods(cluster).size() == 3);
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "visitor-" + node, "--ignore-not-found");
    Visitors.create(cluster, NAMESPACE);
    Visitors.awaitReady(cluster, NAMESPACE);
    Cluster.eventually(
        "all three answer there",
        () -> Visitors.ask(cluster, NAMESPACE, node, "http://hull." + NAMESPACE, 40).size() == 3);
  }

  /** The only process of the machine, and so of all its nodes, that was given this argument. */
  private static ProcessHandle running(String argument) {
    List<ProcessHandle> found = processes(argument);
    assertThat(found).as(argument).hasSize(1);
    return found.getFirst();
  }

  /** Without their children, which look like them until they have become another program. */
  private static List<ProcessHandle> processes(String argument) {
    List<ProcessHandle> given =
        ProcessHandle.allProcesses()
            .filter(process ->
                process
                    .info()
                    .arguments()
                    .filter(all -> List.of(all).contains(argument))
                    .isPresent())
            .toList();
    return given.stream()
        .filter(process -> process.parent().filter(given::contains).isEmpty())
        .toList();
  }

  private static boolean ready(Cluster cluster, String node) {
    return isReady(cluster.json("node", node));
  }

  private static boolean isReady(JsonNode object) {
    return Cluster.stream(object.path("status").path("conditions"))
        .anyMatch(condition ->
            condition.path("type").asString().equals("Ready")
                && condition.path("status").asString().equals("True"));
  }

  private static JsonNode pods(Cluster cluster) {
    return cluster.json("-n", NAMESPACE, "pods", "-l", "app=hull").path("items");
  }

  /**
   * The running containers: container id by pod uid, so that a restart and a replacement both show.
   */
  private static Map<String, String> containers(Cluster cluster) {
    return Cluster.stream(pods(cluster))
        .filter(pod -> pod.path("metadata").path("deletionTimestamp").isMissingNode())
        .collect(
            Collectors.toMap(
                pod -> pod.path("metadata").path("uid").asString(),
                pod ->
                    pod.path("status")
                        .path("containerStatuses")
                        .path(0)
                        .path("containerID")
                        .asString("")));
  }
}
