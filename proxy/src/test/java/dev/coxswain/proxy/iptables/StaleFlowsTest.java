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
  @Test
  void flowsToAGoneEndpointAreCutAtEveryAddress() {
    assertThat(between(List.of(udp("10.244.1.2", "10.244.1.3")), List.of(udp("10.244.1.3"))))
        .containsExactly(
            "conntrack -D -p udp --orig-dst 10.96.0.5 --dst-nat 10.244.1.2",
            "conntrack -D -p udp --dport 30053 --dst-nat 10.244.1.2");
  }

  @Test
  void flowsThatLedNowhereAreCutWhenTheFirstEndpointComes() {
    assertThat(between(List.of(udp()), List.of(udp("10.244.1.3"))))
        .containsExactly(
            "conntrack -D -p udp --orig-dst 10.96.0.5", "conntrack -D -p udp --dport 30053");
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

  private static PortState state(Protocol protocol, String... endpoints) {
    return new PortState(
        new ServicePort(
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
            false),
        Stream.of(endpoints)
            .map(address -> new Endpoint(address, 53, false, true, true, false))
            .toList());
  }
}
