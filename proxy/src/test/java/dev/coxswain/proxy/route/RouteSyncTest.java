package dev.coxswain.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.ScriptedKernel;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteSyncTest {
  @Test
  void everyOtherNodeGetsARouteAndAGoneNodesRouteGoes() throws IOException, InterruptedException {
    ScriptedKernel kernel =
        ScriptedKernel.answering(
            "10.244.2.0/24 via 10.89.0.102 dev eth0 \n10.244.9.0/24 via 10.89.0.109 dev eth0 \n");
    new RouteSync("n1", kernel)
        .apply(
            List.of(
                node("n1", "10.244.1.0/24", "10.89.0.101"),
                node("n2", "10.244.2.0/24", "10.89.0.102"),
                node("n3", "10.244.3.0/24", "10.89.0.103")));
    assertThat(kernel.take())
        .extracting(Command::toString)
        .containsExactly(
            "ip -4 route show proto 98",
            "ip route del 10.244.9.0/24 proto 98",
            "ip route replace 10.244.3.0/24 via 10.89.0.103 proto 98");
  }

  @Test
  void aNodeThatMovedIsFollowed() throws IOException, InterruptedException {
    ScriptedKernel kernel = ScriptedKernel.answering("10.244.2.0/24 via 10.89.0.102 dev eth0\n");
    new RouteSync("n1", kernel).apply(List.of(node("n2", "10.244.2.0/24", "10.89.0.222")));
    assertThat(kernel.take())
        .extracting(Command::toString)
        .contains("ip route replace 10.244.2.0/24 via 10.89.0.222 proto 98");
  }

  @Test
  void aNodeWithoutRangeOrAddressIsPassedOver() throws IOException, InterruptedException {
    ScriptedKernel kernel = ScriptedKernel.answering("");
    Node young = new NodeBuilder().withNewMetadata().withName("n2").endMetadata().build();
    new RouteSync("n1", kernel)
        .apply(List.of(young, node("n3", "not a range; rm -rf", "10.89.0.103")));
    assertThat(kernel.take()).hasSize(1);
  }

  @Test
  void anUnreachableNodeDoesNotKeepTheOthersFromTheirRoutes()
      throws IOException, InterruptedException {
    ScriptedKernel kernel =
        new ScriptedKernel(command ->
            command.words().contains("10.89.7.102")
                ? new CommandResult(2, "", "Error: Nexthop has invalid gateway.")
                : new CommandResult(0, "", ""));
    RouteSync routes = new RouteSync("n1", kernel);
    assertThatThrownBy(() ->
            routes.apply(
                List.of(
                    node("n2", "10.244.2.0/24", "10.89.7.102"),
                    node("n3", "10.244.3.0/24", "10.89.0.103"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("10.244.2.0/24")
        .hasMessageContaining("invalid gateway");
    assertThat(kernel.take())
        .extracting(Command::toString)
        .contains("ip route replace 10.244.3.0/24 via 10.89.0.103 proto 98");
  }

  private static Node node(String name, String pods, String address) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withPodCIDR(pods)
        .endSpec()
        .withNewStatus()
        .addNewAddress(name, "Hostname")
        .addNewAddress(address, "InternalIP")
        .endStatus()
        .build();
  }
}
