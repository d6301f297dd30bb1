package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Each node's kubelet is killed with -9 at seeded moments while pods start, are probed, restart,
 * are resized and end. No container may be started twice, none left over, no status may go back and
 * nothing that is healthy may be restarted: {@link Crew} counts, {@link StatusHistory} watches.
 *
 * <p>{@code -Dcoxswain.kubelet.kills=300} asks for more kills in all, {@code
 * -Dcoxswain.kubelet.seed=7} for another storm.
 */
@ExtendWith(SharedCluster.class)
final class KubeletEnduranceEndToEndTest {
  private static final String NAMESPACE = "kubelet-storm";
  private static final int KILLS = Integer.getInteger("coxswain.kubelet.kills", 9);
  private static final long SEED = Long.getLong("coxswain.kubelet.seed", 1);

  /** From a change of the workload to the kill, or from a kubelet's start to its next kill. */
  private static final int LONGEST_MILLIS = 4000;

  @TempDir private static Path starts;
  @TempDir private static Path folder;
  private static ClientGround ground;
  private static KubernetesClient client;

  @BeforeAll
  static void begin(Cluster cluster) throws Exception {
    ground = ClientGround.prepare(cluster, NAMESPACE, folder);
    client = ground.fabric8();
  }

  @AfterAll
  static void leaveNothing() {
    client.close();
    ground.close();
  }

  @Test
  void killedAtAnyMomentTheKubeletStartsNothingTwiceAndLosesNothing(Cluster cluster)
      throws Exception {
    List<String> nodes = cluster.nodes();
    List<Crew> crews = new ArrayList<>();
    for (String node : nodes) {
      crews.add(new Crew(client, NAMESPACE, node, starts, new Random(SEED * 31 + node.hashCode())));
    }
    try (StatusHistory history = StatusHistory.of(client, NAMESPACE);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> storms = new ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        Crew crew = crews.get(i);
        String kubelet = cluster.processes("kubelet").get(i);
        int kills = KILLS / nodes.size();
        storms.add(() -> storm(cluster, kubelet, crew, kills));
      }
      int killed = 0;
      for (Future<Integer> storm : threads.invokeAll(storms)) {
        killed += storm.get();
      }
      assertThat(killed).as("kubelets killed").isEqualTo(KILLS / nodes.size() * nodes.size());
      for (Crew crew : crews) {
        Cluster.eventually(
            "the pods of " + crew + " have settled",
            () -> {
              assertThat(crew.unsettled()).isEmpty();
              return true;
            });
        crew.dismiss(history);
      }
      for (Crew crew : crews) {
        Cluster.eventually("the pods of " + crew + " are gone", crew::gone);
        assertThat(crew.wrongs()).as("seed " + SEED).isEmpty();
      }
      assertThat(history.wrongs()).as("seed " + SEED).isEmpty();
      int started = crews.stream().mapToInt(Crew::started).sum();
      System.out.printf(
          "%d kills of %d kubelets, %d pods, %d containers started, %d statuses seen, seed %d%n",
          killed,
          nodes.size(),
          crews.stream().mapToInt(Crew::pods).sum(),
          started,
          history.seen(),
          SEED);
      assertThat(started).as("containers started").isGreaterThan(killed / 2);
    }
    for (Crew crew : crews) {
      Cluster.eventually("nothing is left on " + crew, () -> crew.leftNothing(cluster));
    }
  }

  @Test
  void aNodeThatIsTurnedOffInOrderEndsItsPodsFirst(Cluster cluster) {
    String node = cluster.nodes().getLast();
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: parting}
        spec:
          nodeName: %1$s
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sh, -c, "trap 'touch /told/parted; exit 7' TERM; while :; do sleep 0.1; done"]
              volumeMounts: [{name: told, mountPath: /told}]
          volumes: [{name: told, hostPath: {path: "%2$s"}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: lookout}
        spec:
          nodeName: %1$s
          priorityClassName: system-node-critical
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sh, -c, "trap '[ -e /told/parted ] && touch /told/last; exit' TERM; while :; do sleep 0.1; done"]
              volumeMounts: [{name: told, mountPath: /told}]
          volumes: [{name: told, hostPath: {path: "%2$s"}}]
        """
            .formatted(node, starts));
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "wait",
        "--for=condition=Ready",
        "pod",
        "parting",
        "lookout",
        Cluster.PATIENTLY);
    cluster.cox("node", "stop", "--graceful", node).orFail();
    try {
      assertThat(starts.resolve("last")).as("who is critical ends last").exists();
      JsonNode status = cluster.json("-n", NAMESPACE, "pod", "parting").path("status");
      assertThat(status.path("phase").asString()).isEqualTo("Failed");
      assertThat(status.path("reason").asString()).isEqualTo("Terminated");
      assertThat(status.path("message").asString())
          .isEqualTo("Pod was terminated in response to imminent node shutdown.");
      assertThat(status.at("/containerStatuses/0/state/terminated/exitCode").asInt()).isEqualTo(7);
      assertThat(condition(status, "DisruptionTarget").path("reason").asString())
          .isEqualTo("TerminationByKubelet");
      JsonNode ready = condition(cluster.json("node", node).path("status"), "Ready");
      assertThat(ready.path("status").asString()).isNotEqualTo("True");
    } finally {
      cluster.cox("node", "start", node).orFail();
    }
    cluster.kubectl("wait", "--for=condition=Ready", "node/" + node, Cluster.PATIENTLY);
    assertThat(cluster.json("-n", NAMESPACE, "pod", "parting").at("/status/phase").asString())
        .isEqualTo("Failed");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "parting", "lookout", Cluster.PATIENTLY);
  }

  private static JsonNode condition(JsonNode status, String type) {
    return Cluster.stream(status.path("conditions"))
        .filter(condition -> condition.path("type").asString().equals(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no condition " + type));
  }

  private static int storm(Cluster cluster, String kubelet, Crew crew, int kills) {
    Random random = crew.random();
    ProcessHandle process = running(cluster, kubelet);
    for (int i = 0; i < kills; i++) {
      crew.change();
      pass(random.nextInt(LONGEST_MILLIS));
      process.destroyForcibly();
      process.onExit().join();
      if (random.nextBoolean()) {
        crew.change();
      }
      process = restarted(cluster, kubelet);
    }
    return kills;
  }

  private static ProcessHandle running(Cluster cluster, String name) {
    return Cluster.stream(cluster.status().path("processes"))
        .filter(process -> process.path("name").asString("").equals(name))
        .flatMap(process -> ProcessHandle.of(process.path("pid").asLong()).stream())
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " does not run"));
  }

  /** One after the other: only one command may change a cluster at a time. */
  private static synchronized ProcessHandle restarted(Cluster cluster, String kubelet) {
    cluster.cox("restart", kubelet).orFail();
    return running(cluster, kubelet);
  }

  /** The moment of a kill is the test's own choice, not something that it waits for. */
  private static void pass(long millis) {
    Awaitility.await()
        .pollDelay(Duration.ofMillis(millis))
        .atMost(Duration.ofMillis(millis).plusSeconds(30))
        .until(() -> true);
  }
}
