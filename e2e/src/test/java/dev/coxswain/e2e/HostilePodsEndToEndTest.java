package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Pods that try everything to bring their node down, all at once: each gets what is its due, the
 * node stays Ready and who lives beside them serves every request.
 */
@ExtendWith(SharedCluster.class)
final class HostilePodsEndToEndTest {
  private static final String NAMESPACE = "hostile";
  private static final Path MANIFESTS =
      Repository.root().resolve("e2e/src/test/resources/hostile.yaml");

  @TempDir private static Path kept;
  private static String node = "";

  /** What was ever said of the node's readiness and of what it is short of. */
  private static final class Complaints implements ResourceEventHandler<Node> {
    final Set<String> heard = ConcurrentHashMap.newKeySet();

    @Override
    public void onAdd(Node node) {
      node.getStatus().getConditions().stream()
          .filter(one -> !one.getStatus().equals(one.getType().equals("Ready") ? "True" : "False"))
          .map(NodeCondition::toString)
          .forEach(heard::add);
    }

    @Override
    public void onUpdate(Node before, Node after) {
      onAdd(after);
    }

    @Override
    public void onDelete(Node last, boolean unknown) {
      heard.add("deleted");
    }
  }

  @BeforeAll
  static void settleTheBystander(Cluster cluster) throws IOException {
    node = cluster.nodes().getLast();
    Files.write(kept.resolve("much"), new byte[8 << 20]);
    // What was done to it before these pods is not theirs.
    Cluster.eventually(
        "the node is well",
        () -> {
          Complaints complaints = new Complaints();
          try (KubernetesClient client = Clients.fabric8(cluster)) {
            complaints.onAdd(client.nodes().withName(node).get());
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
          return complaints.heard.isEmpty();
        });
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.create(cluster, NAMESPACE);
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: bystander, labels: {app: bystander}}
        spec:
          nodeSelector: {kubernetes.io/hostname: %s}
          terminationGracePeriodSeconds: 0
          containers:
            - name: server
              image: coxswain/demo:1
              resources: {requests: {cpu: 100m, memory: 32Mi}}
              readinessProbe: {httpGet: {path: /health/readiness, port: 8080}, timeoutSeconds: 10}
              livenessProbe: {httpGet: {path: /health/liveness, port: 8080}, timeoutSeconds: 10}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: bystander}
        spec: {selector: {app: bystander}, ports: [{port: 80, targetPort: 8080}]}
        """
            .formatted(node));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/bystander", "--for=condition=Ready", Cluster.PATIENTLY);
    Visitors.awaitReady(cluster, NAMESPACE);
  }

  @AfterAll
  static void clearTheDecks(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  @Test
  void allAtOnceTheyHarmNobodyElse(Cluster cluster) throws IOException {
    Complaints complaints = new Complaints();
    try (KubernetesClient client = Clients.fabric8(cluster);
        var watch = client.nodes().withName(node).inform(complaints);
        Visitors.Load load =
            Visitors.load(
                cluster, NAMESPACE, cluster.nodes().getFirst(), "http://bystander." + NAMESPACE)) {
      cluster.apply(
          NAMESPACE,
          Files.readString(MANIFESTS).replace("$NODE", node).replace("$KEPT", kept.toString()));
      List<Expectation> expected =
          Cluster.stream(cluster.json("-n", NAMESPACE, "pods").path("items"))
              .filter(Expectation::isDeclaredBy)
              .map(Expectation::of)
              .toList();
      assertThat(expected).hasSize(9);
      cluster.kubectl(
          "-n", NAMESPACE, "wait", "pod/clinging", "--for=condition=Ready", Cluster.PATIENTLY);
      expected.forEach(one -> ExpectedPods.await(cluster, NAMESPACE, one));

      // It was measured together with those that were evicted.
      assertThat(cluster.json("-n", NAMESPACE, "pod", "linked-volume").at("/status/phase"))
          .hasToString("\"Running\"");
      // Those that still run are told to go, the one that clings to life among them.
      cluster.kubectl(
          "-n", NAMESPACE, "delete", "pod", "clinging", "linked-volume", Cluster.PATIENTLY);
      assertThat(kept.resolve("much")).as("what a volume linked to").hasSize(8 << 20);

      JsonNode bystander = cluster.json("-n", NAMESPACE, "pod", "bystander").path("status");
      assertThat(bystander.at("/containerStatuses/0/restartCount").asInt(-1)).isZero();
      Visitors.Tally tally = load.stop();
      assertThat(tally.failed())
          .as("requests failed beside " + tally.answered() + " answered")
          .isZero();
      assertThat(watch.isRunning()).isTrue();
      assertThat(complaints.heard).isEmpty();
    }
  }
}
