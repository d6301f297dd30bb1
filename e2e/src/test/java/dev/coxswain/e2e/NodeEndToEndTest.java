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
    cluster.kubectl("-n", NAMESPACE, "apply", "-f", MANIFESTS.toString());
  }

  @AfterAll
  static void deleteAll(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, "--timeout=120s");
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
