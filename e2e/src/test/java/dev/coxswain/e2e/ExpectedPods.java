package dev.coxswain.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;

/** Holds pods to the {@link Expectation}s that their own manifests declare. */
final class ExpectedPods {
  private ExpectedPods() {}

  /** A test that waits until the pod meets its expectation. */
  static DynamicTest test(Cluster cluster, String namespace, Expectation expectation) {
    return DynamicTest.dynamicTest(expectation.pod(), () -> await(cluster, namespace, expectation));
  }

  /** Waits until the pod meets its expectation; says on time-out what it does not meet. */
  static void await(Cluster cluster, String namespace, Expectation expectation) {
    String name = expectation.pod();
    List<String> unmet = new ArrayList<>();
    try {
      Cluster.eventually(
          name,
          () -> {
            List<String> now = expectation.unmet(new Evidence(cluster, namespace, name));
            unmet.clear();
            unmet.addAll(now);
            return now.isEmpty();
          });
    } catch (org.awaitility.core.ConditionTimeoutException late) {
      throw new AssertionError(name + ": " + String.join("\n", unmet), late);
    }
  }

  /** What the cluster shows of a pod. */
  private record Evidence(Cluster cluster, String namespace, String pod)
      implements Expectation.Evidence {
    @Override
    public JsonNode status() {
      return cluster.json("-n", namespace, "pod", pod).path("status");
    }

    @Override
    public List<String> log() {
      return cluster
          .tryKubectl("-n", namespace, "logs", pod, "--all-containers")
          .output()
          .lines()
          .toList();
    }

    @Override
    public List<String> events() {
      return Cluster.stream(
              cluster
                  .json("-n", namespace, "events", "--field-selector=involvedObject.name=" + pod)
                  .path("items"))
          .map(event -> event.path("message").asString())
          .toList();
    }

    @Override
    public Map<String, String> names() {
      return Map.of("$NAMESPACE", namespace);
    }
  }
}
