package dev.coxswain.scheduler.snapshot;

import static dev.coxswain.scheduler.model.Pods.node;
import static dev.coxswain.scheduler.model.Pods.pod;
import static dev.coxswain.scheduler.model.Pods.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Pods;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterTest {
  private static final String HOST = "kubernetes.io/hostname";

  @Test
  void nodesTakeTurnsByZone() {
    Cluster cluster = new Cluster();
    for (String zone : List.of("a", "b")) {
      for (int index = 1; index <= 2; index++) {
        cluster.put(
            Pods.labelled(node(zone + index, 1000, 1000), "topology.kubernetes.io/zone", zone));
      }
    }
    assertThat(cluster.nodes()).extracting(NodeInfo::name).containsExactly("a1", "b1", "a2", "b2");
  }

  @Test
  void domainsOfNodesThatAreGoneAreForgotten() {
    Cluster cluster = new Cluster();
    Topology hosts = cluster.topology(HOST);
    for (int index = 0; index < 100; index++) {
      cluster.put(node("n" + index, 1000, 1000));
      cluster.put(Pods.labelled(node("n" + index, 1000, 1000), HOST, "renamed-" + index));
      if (index > 0) {
        assertThat(hosts.domain(cluster.node("n" + index).orElseThrow()))
            .isNotEqualTo(hosts.domain(cluster.node("n" + (index - 1)).orElseThrow()));
        cluster.removeNode("n" + (index - 1));
      }
    }
    assertThat(hosts.size()).isLessThan(5);
  }

  @Test
  void podsOutliveTheirNode() {
    Cluster cluster = new Cluster();
    cluster.put(pod("early", 100, 100).on("n1"));
    assertThat(cluster.nodes()).isEmpty();
    cluster.put(node("n1", 1000, 1000));
    assertThat(cluster.node("n1").orElseThrow().milliCpu()).isEqualTo(100);
    cluster.removeNode("n1");
    cluster.put(node("n1", 1000, 1000));
    assertThat(cluster.node("n1").orElseThrow().milliCpu()).isEqualTo(100);
    cluster.removeNode("n1");
    cluster.removePod(new ObjectKey("default", "early"));
    cluster.put(node("n1", 1000, 1000));
    assertThat(cluster.node("n1").orElseThrow().milliCpu()).isZero();
  }

  /** Whatever happens, what is kept equals what one would count. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void keptCountsEqualFreshOnes(long seed) {
    Randomness random = Randomness.seeded(seed);
    Cluster cluster = new Cluster();
    List<PodMatcher> matchers =
        List.of(
            new PodMatcher.Selected("default", LabelSelector.ofLabels(Map.of("app", "a"))),
            new PodMatcher.Owned("owner-1"),
            new PodMatcher.Spoken(List.of(Pods.term(HOST, Map.of("app", "b")))));
    for (int step = 0; step < 400; step++) {
      change(cluster, random);
      for (PodMatcher matcher : matchers) {
        SlotCounts kept = cluster.count(matcher);
        long total = 0;
        for (NodeInfo node : cluster.nodes()) {
          long fresh = node.pods().stream().filter(pod -> matcher.matches(pod, Map.of())).count();
          assertThat((long) kept.at(node)).as("seed %d step %d", seed, step).isEqualTo(fresh);
          total += fresh;
        }
        assertThat(kept.total()).isGreaterThanOrEqualTo(total);
      }
      for (NodeInfo node : cluster.nodes()) {
        Topology topology = cluster.topology(HOST);
        assertThat(topology.domain(node)).isNotEqualTo(Topology.NONE);
        assertThat(node.milliCpu())
            .isEqualTo(node.pods().stream().mapToLong(pod -> pod.requests().milliCpu()).sum());
        SlotCounts far = cluster.far().all().get(Pods.term(HOST, Map.of("app", "a")));
        long carriers = node.pods().stream().filter(pod -> !pod.wishes().far().isEmpty()).count();
        assertThat((long) (far == null ? 0 : far.at(node))).isEqualTo(carriers);
      }
    }
  }

  private static void change(Cluster cluster, Randomness random) {
    String node = "n" + random.below(6);
    String name = "p" + random.below(30);
    switch ((int) random.below(8)) {
      case 0 -> cluster.put(node(node, 4000, 4000));
      case 1 -> cluster.removeNode(node);
      case 2, 3 -> cluster.removePod(new ObjectKey("default", name));
      default ->
          cluster.put(
              with(
                      pod(name, 1 + random.below(100), 10),
                      draft -> {
                        draft.labels = Map.of("app", random.chance(0.5) ? "a" : "b");
                        draft.owner = "owner-" + random.below(2);
                        draft.state =
                            random.chance(0.2)
                                ? PodInfo.State.TERMINATING
                                : random.chance(0.1) ? PodInfo.State.FINISHED : PodInfo.State.ALIVE;
                        if (random.chance(0.3)) {
                          draft.wishes = Pods.farFrom(HOST, Map.of("app", "a"));
                        }
                      })
                  .on(node));
    }
  }
}
