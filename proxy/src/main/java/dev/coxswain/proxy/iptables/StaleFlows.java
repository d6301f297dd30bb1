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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
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
      Map<String, String> gone = serving(former);
      gone.keySet().removeAll(serving(now.get(name)).keySet());
      for (String address : new TreeSet<>(gone.values())) {
        fronts(former.port())
            .forEach(front -> commands.add(cut(front, List.of("--dst-nat", address))));
      }
    });
    now.forEach((name, state) -> {
      if (!serving(state).isEmpty()) {
        // Packets sent while nobody served there left flows that lead nowhere.
        List<List<String>> fronts = new ArrayList<>(fronts(state.port()));
        @Nullable PortState former = then.get(name);
        if (former != null && !serving(former).isEmpty()) {
          fronts.removeAll(fronts(former.port()));
        }
        fronts.forEach(front -> commands.add(cut(front, List.of())));
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

  /**
   * The addresses of the endpoints that serve, each by its target: one that serves at another port
   * than before does not serve where its flows lead.
   */
  private static Map<String, String> serving(@Nullable PortState state) {
    Map<String, String> addresses = new TreeMap<>();
    if (state != null) {
      state.endpoints().stream()
          .filter(endpoint -> endpoint.ready() || endpoint.serving())
          .forEach(endpoint -> addresses.put(endpoint.target(), endpoint.address()));
    }
    return addresses;
  }

  /**
   * What selects the flows to each place where a port is served. Never an address alone: the other
   * ports of a service share it, and their flows go on.
   */
  private static List<List<String>> fronts(ServicePort port) {
    List<List<String>> fronts = new ArrayList<>();
    Stream.of(List.of(port.clusterIp()), port.externalIps(), port.loadBalancerIps())
        .flatMap(List::stream)
        .forEach(ip -> fronts.add(List.of("--orig-dst", ip, "--dport", number(port.port()))));
    if (port.nodePort() != 0) {
      fronts.add(List.of("--dport", number(port.nodePort())));
    }
    return fronts;
  }

  private static String number(int port) {
    return Integer.toString(port);
  }

  private static Command cut(List<String> front, List<String> endpoint) {
    return Command.of(
        Stream.of(List.of("conntrack", "-D", "-p", "udp"), front, endpoint)
            .flatMap(List::stream)
            .toArray(String[]::new));
  }
}
