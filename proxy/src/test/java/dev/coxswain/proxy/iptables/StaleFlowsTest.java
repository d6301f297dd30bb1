package dev.coxswain.proxy.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.service.Endpoint;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import dev.coxswain.proxy.service.ServicePortName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StaleFlowsTest {
  private static final ServicePort PORT = port(Protocol.UDP);

  @Test
  void flowsToAGoneEndpointAreCutAtEveryAddress() {
    assertThat(between(List.of(udp("10.244.1.2", "10.244.1.3")), List.of(udp("10.244.1.3"))))
        .containsExactly(
            "conntrack -D -p udp --orig-dst 10.96.0.5 --dport 53 --dst-nat 10.244.1.2",
            "conntrack -D -p udp --dport 30053 --dst-nat 10.244.1.2");
  }

  @Test
  void flowsThatLedNowhereAreCutWhenTheFirstEndpointComes() {
    assertThat(between(List.of(udp()), List.of(udp("10.244.1.3"))))
        .containsExactly(
            "conntrack -D -p udp --orig-dst 10.96.0.5 --dport 53",
            "conntrack -D -p udp --dport 30053");
  }

  @Test
  void flowsToAnEndpointThatMovedToAnotherPortAreCut() {
    Endpoint moved = new Endpoint("10.244.1.2", 5353, false, true, true, false);
    Endpoint other = new Endpoint("10.244.1.3", 53, false, true, true, false);
    assertThat(
            between(
                List.of(udp("10.244.1.2", "10.244.1.3")),
                List.of(new PortState(PORT, List.of(moved, other)))))
        .containsExactly(
            "conntrack -D -p udp --orig-dst 10.96.0.5 --dport 53 --dst-nat 10.244.1.2",
            "conntrack -D -p udp --dport 30053 --dst-nat 10.244.1.2");
  }

  @Test
  void flowsToAPortThatServedElsewhereBeforeAreCut() {
    ServicePort renumbered =
        new ServicePort(
            PORT.name(),
            PORT.protocol(),
            PORT.clusterIp(),
            54,
            PORT.nodePort(),
            List.of(),
            List.of(),
            List.of(),
            0,
            false,
            false);
    PortState before = udp("10.244.1.2");
    assertThat(between(List.of(before), List.of(new PortState(renumbered, before.endpoints()))))
        .containsExactly("conntrack -D -p udp --orig-dst 10.96.0.5 --dport 54");
  }

  @Test
  void flowsOfADeletedServiceAreCut() {
    assertThat(between(List.of(udp("10.244.1.2")), List.of())).hasSize(2);
  }

  @Test
  void anotherEndpointMoreCutsNothing() {
    assertThat(between(List.of(udp("10.244.1.2")), List.of(udp("10.244.1.2", "10.244.1.3"))))
        .isEmpty();
  }

  @Test
  void flowsToAnEndpointThatServesWhileItTerminatesGoOn() {
    Endpoint other = new Endpoint("10.244.1.3", 53, false, true, true, false);
    Endpoint serving = new Endpoint("10.244.1.2", 53, false, false, true, true);
    Endpoint silent = new Endpoint("10.244.1.2", 53, false, false, false, true);
    List<PortState> before = List.of(udp("10.244.1.2", "10.244.1.3"));
    List<PortState> draining = List.of(new PortState(PORT, List.of(serving, other)));
    assertThat(between(before, draining)).isEmpty();
    assertThat(between(draining, List.of(new PortState(PORT, List.of(silent, other)))))
        .containsExactly(
            "conntrack -D -p udp --orig-dst 10.96.0.5 --dport 53 --dst-nat 10.244.1.2",
            "conntrack -D -p udp --dport 30053 --dst-nat 10.244.1.2");
  }

  @Test
  void aChangedServiceCutsNoFlowThatLeadsSomewhere() {
    PortState before = udp("10.244.1.2");
    ServicePort further =
        new ServicePort(
            PORT.name(),
            PORT.protocol(),
            PORT.clusterIp(),
            PORT.port(),
            PORT.nodePort(),
            List.of(),
            List.of("192.0.2.9"),
            List.of(),
            60,
            false,
            true);
    // Whoever tried the new address before it was ours leads nowhere.
    assertThat(between(List.of(before), List.of(new PortState(further, before.endpoints()))))
        .containsExactly("conntrack -D -p udp --orig-dst 192.0.2.9 --dport 53");
    assertThat(between(List.of(new PortState(further, before.endpoints())), List.of(before)))
        .isEmpty();
  }

  @Test
  void tcpConnectionsAreLeftAlone() {
    assertThat(between(List.of(state(Protocol.TCP, "10.244.1.2")), List.of(state(Protocol.TCP))))
        .isEmpty();
  }

  private static List<String> between(List<PortState> before, List<PortState> after) {
    return StaleFlows.between(before, after).stream().map(Command::toString).toList();
  }

  private static PortState udp(String... endpoints) {
    return state(Protocol.UDP, endpoints);
  }

  private static ServicePort port(Protocol protocol) {
    return new ServicePort(
        new ServicePortName("ns", "dns", ""),
        protocol,
        "10.96.0.5",
        53,
        30053,
        List.of(),
        List.of(),
        List.of(),
        0,
        false,
        false);
  }

  private static PortState state(Protocol protocol, String... endpoints) {
    return new PortState(
        port(protocol),
        Stream.of(endpoints)
            .map(address -> new Endpoint(address, 53, false, true, true, false))
            .toList());
  }
}
