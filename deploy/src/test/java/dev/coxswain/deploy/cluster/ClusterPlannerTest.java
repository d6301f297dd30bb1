package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.deploy.cluster.ClusterPlanner.Wish;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.ProcessRef;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ClusterPlannerTest {
  private static final String ID = "00000a";
  private static final int TAKEN_PORT = 6444;

  @Test
  void aNewClusterHasOneOfEachOnTheUsualPort() {
    assertThat(plan(wish(null, null, null), null))
        .isEqualTo(new ClusterSpec(ID, 10, 6443, 1, 1, null));
  }

  @Test
  void aTakenSubnetIsSteppedOver() {
    assertThat(
            ClusterPlanner.plan(ID, wish(null, null, null), Optional.empty(), offer(Set.of(10, 11)))
                .subnet())
        .isEqualTo(12);
    Set<Integer> every = IntStream.range(0, 256).boxed().collect(Collectors.toSet());
    assertThatThrownBy(
            () -> ClusterPlanner.plan(ID, wish(null, null, null), Optional.empty(), offer(every)))
        .isInstanceOf(CoxException.class)
        .hasMessageContaining("in use");
  }

  @Test
  void portZeroAsksForAnyFreeOne() {
    assertThat(plan(wish(null, null, 0), null).apiPort()).isEqualTo(40000);
  }

  @Test
  void runAgainItKeepsWhatThereIs() {
    ClusterState three = ClusterState.of(new ClusterSpec(ID, 7, 40001, 3, 3, null));
    assertThat(plan(wish(null, null, null), three)).isEqualTo(three.spec());
    assertThat(plan(wish(3, 3, null), three)).isEqualTo(three.spec());
    assertThat(plan(wish(null, null, 0), three)).isEqualTo(three.spec());
  }

  @Test
  void nodesCanBeAddedButNotTakenAway() {
    ClusterState two = ClusterState.of(new ClusterSpec(ID, 7, 6443, 1, 2, null));
    assertThat(plan(wish(4, null, null), two).nodes()).isEqualTo(4);
    assertThatThrownBy(() -> plan(wish(1, null, null), two))
        .hasMessageContaining("cannot shrink")
        .hasMessageContaining("cox down");
  }

  @Test
  void theNumberOfControlPlanesIsOddAndStays() {
    assertThatThrownBy(() -> plan(wish(1, 2, null), null)).hasMessageContaining("1, 3, 5 or 7");
    ClusterState one = ClusterState.of(new ClusterSpec(ID, 7, 6443, 1, 1, null));
    assertThatThrownBy(() -> plan(wish(1, 3, null), one)).hasMessageContaining("1 control plane");
  }

  @Test
  void numbersOutOfRangeAreNamed() {
    assertThatThrownBy(() -> plan(wish(0, null, null), null)).hasMessageContaining("--nodes");
    assertThatThrownBy(() -> plan(wish(151, null, null), null)).hasMessageContaining("--nodes");
    assertThatThrownBy(() -> plan(wish(1, null, 70000), null)).hasMessageContaining("--api-port");
  }

  @Test
  void thePortOfARunningClusterStays() {
    ClusterState running =
        ClusterState.of(new ClusterSpec(ID, 7, 6443, 1, 1, null))
            .withLan(ProcessRef.of(ProcessHandle.current().pid()).orElseThrow());
    assertThat(plan(wish(null, null, 6443), running).apiPort()).isEqualTo(6443);
    assertThatThrownBy(() -> plan(wish(null, null, 7443), running))
        .hasMessageContaining("--keep-data");
  }

  @Test
  void aKeptClusterWhosePortIsTakenComesUpOnAnotherWhereThatIsAsked() {
    ClusterState stopped = ClusterState.of(new ClusterSpec(ID, 10, TAKEN_PORT, 1, 1, null));
    assertThat(plan(wish(null, null, 0), stopped).apiPort()).isEqualTo(40000);
    assertThat(plan(wish(null, null, null), stopped).apiPort()).isEqualTo(TAKEN_PORT);
  }

  @Test
  void aKeptClusterWhoseSubnetIsTakenIsNotBroughtUp() {
    ClusterState stopped = ClusterState.of(new ClusterSpec(ID, 10, 6443, 1, 1, null));
    assertThatThrownBy(() ->
            ClusterPlanner.plan(
                ID, wish(null, null, null), Optional.of(stopped), offer(Set.of(10))))
        .hasMessageContaining("10.89.10.0/24");
  }

  @Test
  void theContainerdOfAClusterStays() {
    Wish newer = new Wish(null, null, null, "/opt/newer");
    ClusterSpec made = plan(newer, null);
    assertThat(made.containerd()).isEqualTo("/opt/newer");
    assertThat(plan(wish(null, null, null), ClusterState.of(made))).isEqualTo(made);
    ClusterState usual = ClusterState.of(new ClusterSpec(ID, 7, 6443, 1, 1, null));
    assertThatThrownBy(() -> plan(newer, usual)).hasMessageContaining("another containerd");
  }

  @Test
  void everyNameAndAddressFollowsFromTheSpec() {
    ClusterSpec spec = new ClusterSpec(ID, 7, 6443, 3, 2, null);
    assertThat(spec.apiServers())
        .containsExactly(
            "https://10.89.7.11:6443", "https://10.89.7.12:6443", "https://10.89.7.13:6443");
    assertThat(spec.nodeMachines())
        .containsExactly(
            new ClusterSpec.Node(1, "node-1", "10.89.7.101", "10.244.1.0/24"),
            new ClusterSpec.Node(2, "node-2", "10.89.7.102", "10.244.2.0/24"));
    assertThat(spec.hostInterface()).hasSizeLessThan(16);
  }

  private static ClusterSpec plan(Wish wish, @Nullable ClusterState existing) {
    return ClusterPlanner.plan(ID, wish, Optional.ofNullable(existing), offer(Set.of()));
  }

  private static Wish wish(
      @Nullable Integer nodes, @Nullable Integer controlPlanes, @Nullable Integer port) {
    return new Wish(nodes, controlPlanes, port, null);
  }

  private static ClusterPlanner.Offer offer(Set<Integer> used) {
    return new ClusterPlanner.Offer() {
      @Override
      public Collection<Integer> usedSubnets() {
        return used;
      }

      @Override
      public boolean free(int port) {
        return port != TAKEN_PORT;
      }

      @Override
      public int freePort() {
        return 40000;
      }
    };
  }
}
