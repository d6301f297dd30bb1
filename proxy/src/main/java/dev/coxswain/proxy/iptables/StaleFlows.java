package dev.coxswain.proxy.iptables;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.service.Endpoint;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Connection tracking keeps a UDP flow on its endpoint for as long as packets come, whatever the
 * rules say meanwhile. This finds the flows that a change made stale.
 */
public final class StaleFlows {
  private StaleFlows() {}

  /** The {@code conntrack -D} commands that a service's change asks for, once rules are written. */
  public static List<Command> between(List<PortState> before, List<PortState> after) {
    Map<ServicePort, Set<String>> now = new HashMap<>();
    after.forEach(state -> now.put(state.port(), targets(state)));
    Map<ServicePort, Set<String>> then = new HashMap<>();
    before.forEach(state -> then.put(state.port(), targets(state)));
    List<Command> commands = new ArrayList<>();
    for (PortState state : before) {
      ServicePort port = state.port();
      if (port.protocol() != Protocol.UDP) {
        continue;
      }
      Set<String> gone = new HashSet<>(targets(state));
      gone.removeAll(now.getOrDefault(port, Set.of()));
      gone.stream().sorted().forEach(address -> toEndpoint(port, address, commands));
    }
    for (PortState state : after) {
      ServicePort port = state.port();
      // Packets sent while nobody served left a flow that leads nowhere.
      if (port.protocol() == Protocol.UDP
          && !targets(state).isEmpty()
          && then.getOrDefault(port, Set.of()).isEmpty()) {
        toNobody(port, commands);
      }
    }
    return commands;
  }

  private static Set<String> targets(PortState state) {
    return state.clusterEndpoints().stream().map(Endpoint::address).collect(Collectors.toSet());
  }

  private static void toEndpoint(ServicePort port, String address, List<Command> commands) {
    addresses(port)
        .forEach(ip ->
            commands.add(
                Command.of(
                    "conntrack", "-D", "-p", "udp", "--orig-dst", ip, "--dst-nat", address)));
    if (port.nodePort() != 0) {
      commands.add(
          Command.of(
              "conntrack",
              "-D",
              "-p",
              "udp",
              "--dport",
              Integer.toString(port.nodePort()),
              "--dst-nat",
              address));
    }
  }

  private static void toNobody(ServicePort port, List<Command> commands) {
    addresses(port)
        .forEach(ip -> commands.add(Command.of("conntrack", "-D", "-p", "udp", "--orig-dst", ip)));
    if (port.nodePort() != 0) {
      commands.add(
          Command.of("conntrack", "-D", "-p", "udp", "--dport", Integer.toString(port.nodePort())));
    }
  }

  private static List<String> addresses(ServicePort port) {
    List<String> all = new ArrayList<>();
    all.add(port.clusterIp());
    all.addAll(port.externalIps());
    all.addAll(port.loadBalancerIps());
    return all;
  }
}
