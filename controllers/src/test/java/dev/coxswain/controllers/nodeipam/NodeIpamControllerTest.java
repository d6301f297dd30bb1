package dev.coxswain.controllers.nodeipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NodeIpamControllerTest {

  @Test
  void givesEachNodeTheLowestFreeRangeAndLeavesAloneWhoHasOne() {
    var simulation = new Simulation(1, new NodeIpamController("10.244.0.0/16")).restart();
    node(simulation, "given", "10.244.1.0/24");
    for (String name : List.of("a", "b", "c")) {
      node(simulation, name, null);
    }
    simulation.settle();
    assertThat(simulation.stored(Node.class))
        .extracting(node -> node.getSpec().getPodCIDR())
        .containsExactlyInAnyOrder(
            "10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24", "10.244.3.0/24");
    assertThat(simulation.stored(Node.class, "", "given").orElseThrow().getSpec().getPodCIDR())
        .isEqualTo("10.244.1.0/24");
  }

  @Test
  void neverGivesOneRangeTwiceWhateverFails() {
    for (long seed = 0; seed < 50; seed++) {
      var simulation = new Simulation(seed, new NodeIpamController("10.244.0.0/16")).restart();
      for (int i = 0; i < 8; i++) {
        node(simulation, "node-" + i, null);
      }
      simulation.storm(100, FakeFaults.SOME, () -> {});
      simulation.settle();
      assertThat(simulation.stored(Node.class))
          .as(simulation.recent())
          .extracting(node -> node.getSpec().getPodCIDR())
          .doesNotContainNull()
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void readsNetworksAndRefusesWhatIsNone() {
    assertThat(PodRanges.of("10.244.7.0/23").lowestFree(Set.of("10.244.6.0/24")))
        .contains("10.244.7.0/24");
    assertThat(PodRanges.of("10.244.7.0/24").lowestFree(Set.of("10.244.7.0/24"))).isEmpty();
    for (String bad : List.of("", "10.244.0.0", "10.244.0.0/25", "10.300.0.0/16", "fd00::/64")) {
      assertThatThrownBy(() -> PodRanges.of(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + bad + "\"");
    }
  }

  private static void node(
      Simulation simulation, String name, @org.jspecify.annotations.Nullable String cidr) {
    simulation
        .api()
        .resource(Node.class)
        .create(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withPodCIDR(cidr)
                .endSpec()
                .build());
  }
}
