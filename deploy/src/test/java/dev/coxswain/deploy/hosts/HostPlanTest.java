package dev.coxswain.deploy.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.hosts.HostPlan.Host;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPlanTest {
  private static final Host FIRST = new Host("cp-1", "192.168.7.11");
  private static final Host NODE = new Host("node-1", "192.168.7.21");

  private final HostPlan plan =
      HostPlan.empty("abc").with(List.of(FIRST), List.of(NODE), List.of());

  @Test
  void nodesThatComeLaterLeaveTheOthersAsTheyWere() {
    HostPlan grown = plan.with(List.of(), List.of(new Host("a", "192.168.7.22")), List.of());

    assertThat(grown.nodeMachines())
        .extracting(ClusterSpec.Node::name, ClusterSpec.Node::podCidr)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("node-1", "10.244.1.0/24"),
            org.assertj.core.groups.Tuple.tuple("a", "10.244.2.0/24"));
  }

  @Test
  void aHostMayBeBoth() {
    HostPlan lone = HostPlan.empty("abc").with(List.of(FIRST), List.of(FIRST), List.of());

    assertThat(lone.hosts()).containsExactly(FIRST);
    assertThat(lone.machinesOf(FIRST)).hasSize(2);
  }

  @Test
  void saidAgainNothingChanges() {
    assertThat(plan.with(List.of(FIRST), List.of(NODE), List.of())).isEqualTo(plan);
  }

  @Test
  void twoHostsShareNeitherNameNorAddress() {
    assertThatThrownBy(
            () -> plan.with(List.of(), List.of(new Host("node-1", "192.168.7.99")), List.of()))
        .isInstanceOf(CoxException.class)
        .hasMessage(
            "node-1 is said to be at 192.168.7.21 and at 192.168.7.99: each host has a name of its"
                + " own");
    assertThatThrownBy(
            () -> plan.with(List.of(), List.of(new Host("node-2", "192.168.7.21")), List.of()))
        .hasMessage(
            "192.168.7.21 is said to be node-1 and node-2: a host that is control plane and node"
                + " has the same name as both");
  }

  @Test
  void controlPlanesAreOddAndFixed() {
    assertThatThrownBy(() -> HostPlan.empty("abc").with(List.of(), List.of(NODE), List.of()))
        .hasMessageStartingWith("--control-plane is needed 1, 3, 5 or 7 times");
    assertThatThrownBy(() ->
            HostPlan.empty("abc")
                .with(List.of(FIRST, new Host("cp-2", "192.168.7.12")), List.of(), List.of()))
        .hasMessageStartingWith("--control-plane is needed 1, 3, 5 or 7 times");
    assertThatThrownBy(
            () -> plan.with(List.of(new Host("cp-2", "192.168.7.12")), List.of(), List.of()))
        .hasMessageStartingWith("this cluster has its control planes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "node-1",
        "=10.0.0.1",
        "Node=10.0.0.1",
        "node-=10.0.0.1",
        "n=10.0.0",
        "n=10.0.0.256",
        "n=10.0.0.1.",
        "n=fd00::1",
        "n;reboot=10.0.0.1"
      })
  void whatIsNoHostIsRefused(String text) {
    assertThatThrownBy(() -> Host.parse("--node", text))
        .isInstanceOf(CoxException.class)
        .hasMessageStartingWith("--node " + text + ":");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3",
        "10.0.0.256",
        "lb:6443",
        "https://lb",
        "fd00::1",
        "-lb",
        "a..b",
        "l b"
      })
  void whatNoCertificateCouldNameIsRefused(String name) {
    assertThatThrownBy(() -> plan.with(List.of(), List.of(), List.of(name)))
        .isInstanceOf(CoxException.class)
        .hasMessageStartingWith("--api-name " + name + ":");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lb", "api.Example.com", "*.example.com", "1and1.com", "192.0.2.7"})
  void furtherNamesAreRemembered(String name) {
    assertThat(plan.with(List.of(), List.of(), List.of(name)).furtherNames()).containsExactly(name);
  }
}
