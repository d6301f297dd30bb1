package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Shell;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The network namespace with the bridge that every machine, and the host by one veth, is plugged
 * into. It is the machines' default gateway and routes nowhere else, so nothing that a pod or a
 * process sends ever leaves this machine.
 */
final class Lan {
  private static final String BRIDGE = "lan";

  private final ClusterSpec spec;
  private final Launcher launcher;

  Lan(ClusterSpec spec, Launcher launcher) {
    this.spec = spec;
    this.launcher = launcher;
  }

  /** Makes the namespace with its bridge and the host's way into it. */
  ProcessRef start(Path log) {
    removeHostInterface();
    ProcessRef holder = launcher.onHost(log, List.of("unshare", "-n", "--", "sleep", "infinity"));
    launcher.await("the machines' network did not come up", () -> separate(holder));
    inside(
        holder,
        "set -e; ip link set lo up; ip link add "
            + BRIDGE
            + " type bridge; ip link set "
            + BRIDGE
            + " up;"
            + " ip address add "
            + spec.gatewayAddress()
            + "/24 dev "
            + BRIDGE
            + ";"
            + " ip route add unreachable default;"
            + " echo 1 > /proc/sys/net/ipv4/ip_forward;"
            + " echo 0 > /proc/sys/net/ipv4/conf/all/send_redirects;"
            + " echo 0 > /proc/sys/net/ipv4/conf/"
            + BRIDGE
            + "/send_redirects; for file in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e $file"
            + " ] || echo 0 > $file; done");
    Shell.must(
        "ip",
        "link",
        "add",
        spec.hostInterface(),
        "type",
        "veth",
        "peer",
        "name",
        "host",
        "netns",
        Long.toString(holder.pid()));
    inside(holder, "ip link set host master " + BRIDGE + " up");
    Shell.must("ip", "address", "add", spec.hostAddress() + "/24", "dev", spec.hostInterface());
    Shell.must("ip", "link", "set", spec.hostInterface(), "up");
    return holder;
  }

  /** Plugs the machine in as eth0, with its address and its default route. */
  void connect(ProcessRef holder, ClusterSpec.Machine machine, ProcessRef init) {
    String port = machine.name().replace("control-plane", "cp");
    inside(
        holder,
        "set -e; ip link delete "
            + port
            + " 2>/dev/null || true;"
            + " ip link add "
            + port
            + " type veth peer name eth0 netns "
            + init.pid()
            + ";"
            + " ip link set "
            + port
            + " master "
            + BRIDGE
            + " up");
    var commands = new ArrayList<String>();
    commands.add(
        "set -e; ip address add " + machine.address() + "/24 dev eth0; ip link set eth0 up");
    commands.add("ip route add default via " + spec.gatewayAddress());
    if (machine instanceof ClusterSpec.ControlPlane) {
      // Webhooks and proxied requests go straight to pods.
      commands.add(podRoutes());
    }
    Shell.must(
        "nsenter",
        "-t",
        Long.toString(init.pid()),
        "-n",
        "--",
        "sh",
        "-c",
        String.join("; ", commands));
  }

  /** Tells the gateway and a control plane where each node's pods are. */
  void route(ProcessRef member) {
    inside(member, podRoutes());
  }

  void removeHostInterface() {
    Shell.run(List.of("ip", "link", "delete", spec.hostInterface()));
  }

  /** The subnets 10.89.X.0/24 that some other interface or route of the host already uses. */
  static List<Integer> usedSubnets(String ownInterface) {
    return Shell.must("ip", "-4", "route", "show", "table", "all")
        .lines()
        .filter(line -> !line.contains("dev " + ownInterface + " "))
        .flatMap(line -> java.util.Arrays.stream(line.split("[ /]", -1)))
        .filter(word -> word.matches("10\\.89\\.\\d+\\.\\d+"))
        .map(word -> Integer.parseInt(word.split("\\.", -1)[2]))
        .distinct()
        .toList();
  }

  private String podRoutes() {
    var commands = new ArrayList<String>(List.of("true"));
    for (ClusterSpec.Node node : spec.nodeMachines()) {
      commands.add("ip route replace " + node.podCidr() + " via " + node.address());
    }
    return String.join("; ", commands);
  }

  private static void inside(ProcessRef holder, String script) {
    Shell.Result result =
        Shell.run(
            List.of("nsenter", "-t", Long.toString(holder.pid()), "-n", "--", "sh", "-c", script));
    if (!result.succeeded()) {
      throw new CoxException("cannot set the machines' network up: " + result.err());
    }
  }

  private static boolean separate(ProcessRef holder) {
    try {
      return !java.nio.file.Files.readSymbolicLink(Path.of("/proc/" + holder.pid() + "/ns/net"))
          .equals(java.nio.file.Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
    } catch (java.io.IOException notYet) {
      return false;
    }
  }
}
