package dev.coxswain.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DetourNodesTest {
  @Test
  void theNextReadyNodesHelpAndAfterTheLastTheFirst() {
    List<Node> nodes =
        IntStream.rangeClosed(1, 6).mapToObj(index -> node(index, index != 5)).toList();
    assertThat(DetourNodes.ranges("n1", nodes))
        .containsExactly("10.244.2.0/24", "10.244.3.0/24", "10.244.4.0/24");
    assertThat(DetourNodes.ranges("n4", nodes))
        .containsExactly("10.244.6.0/24", "10.244.1.0/24", "10.244.2.0/24");
    assertThat(DetourNodes.ranges("n1", nodes.subList(0, 1))).isEmpty();
  }

  private static Node node(int index, boolean ready) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName("n" + index)
        .endMetadata()
        .withNewSpec()
        .withPodCIDR("10.244." + index + ".0/24")
        .endSpec()
        .withNewStatus()
        .addNewAddress("10.89.0." + index, "InternalIP")
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "Unknown")
        .endCondition()
        .endStatus()
        .build();
  }
}
