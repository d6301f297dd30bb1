package dev.coxswain.proxy.iptables;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import dev.coxswain.proxy.service.ServicePortName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Connection tracking keeps a UDP flow on its endpoint for as long as packets come, whatever the
 * rules say meanwhile. This finds the flows that a change made stale.
 */
public final class StaleFlows {
  private StaleFlows() {}

  /**
   * The {@code conntrack -D} commands that a service's change asks for, once rules are written. As
   * with TCP connections, a flow goes on for as long as its endpoint serves, though new ones may go
   * elsewhere by now: because the endpoint terminates, or because the service changed.
   */
  public static List<Command> between(List<PortState> before, List<PortState> after) {
    Map<ServicePortName, PortState> then = udp(before);
    Map<ServicePortName, PortState> now = udp(after);
    List<Command> commands = new ArrayList<>();
    then.forEach((name, former) -> {
      Set<String> gone = serving(former);
      gone.removeAll(serving(now.get(name)));
      gone.forEach(address -> toEndpoint(former.port(), address, commands));
    });
    now.forEach((name, state) -> {
      if (!serving(state).isEmpty()) {
        @Nullable PortState former = then.get(name);
        toNobody(state.port(), serving(former).isEmpty() ? null : former, commands);
      }
    });
    return commands;
  }

  private static Map<ServicePortName, PortState> udp(List<PortState> states) {
    Map<ServicePortName, PortState> udp = new LinkedHashMap<>();
    for (PortState state : states) {
      if (state.port().protocol() == Protocol.UDP) {
        udp.put(state.port().name(), state);
      }
    }
    return udp;
  }

  private static Set<String> serving(@Nullable PortState state) {
    Set<String> addresses = new TreeSet<>();
    if (state != null) {
      state.endpoints().stream()
          .filter(endpoint -> endpoint.ready() || endpoint.serving())
          .forEach(endpoint -> addresses.add(endpoint.address()));
    }
    return addresses;
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

  /** Packets sent while nobody served at an address left a flow that leads nowhere. */
  private static void toNobody(
      ServicePort port, @Nullable PortState served, List<Command> commands) {
    List<String> addresses = addresses(port);
    int nodePort = port.nodePort();
    if (served != null) {
      addresses.removeAll(addresses(served.port()));
      nodePort = nodePort == served.port().nodePort() ? 0 : nodePort;
    }
    addresses.forEach(
        ip -> commands.add(Command.of("conntrack", "-D", "-p", "udp", "--orig-dst", ip)));
    if (nodePort != 0) {
      commands.add(
          Command.of("conntrack", "-D", "-p", "udp", "--dport", Integer.toString(nodePort)));
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
