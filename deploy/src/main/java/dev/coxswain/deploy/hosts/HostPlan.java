package dev.coxswain.deploy.hosts;

import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.cluster.Topology;
import dev.coxswain.deploy.host.CoxException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts a cluster consists of. It grows by nodes; what a host was given stays its own.
 *
 * @param id keeps the cluster's tokens from another's
 * @param controlPlanes 1, 3, 5 or 7 hosts; fixed once the cluster has been planned
 * @param nodes hosts for pods, in the order in which they came: a node's pod addresses hang on it
 * @param furtherNames names or addresses besides, such as a load balancer's, of the API servers
 */
public record HostPlan(
    String id, List<Host> controlPlanes, List<Host> nodes, List<String> furtherNames)
    implements Topology {
  /** 10.244.1.0/24 to 10.244.255.0/24. */
  static final int NODES_MAX = 255;

  private static final int CONTROL_PLANES_MAX = 7;
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern ADDRESS =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}");

  /** As it may stand in a certificate, be it for all hosts of a domain. */
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(?=.{1,253}$)(\\*\\.)?[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
              + "(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*");

  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");

  /**
   * One host.
   *
   * @param name as the node, or the store's member, is called
   * @param address IPv4, at which the other hosts reach it
   */
  public record Host(String name, String address) {
    /** Reads {@code NAME=ADDRESS}. */
    static Host parse(String flag, String text) {
      String[] parts = text.split("=", 2);
      if (parts.length < 2
          || !NAME.matcher(parts[0]).matches()
          || !ADDRESS.matcher(parts[1]).matches()) {
        throw new CoxException(
            flag + " " + text + ": a name as in node-1, =, and an IPv4 address are expected");
      }
      return new Host(parts[0], parts[1]);
    }
  }

  public HostPlan {
    controlPlanes = List.copyOf(controlPlanes);
    nodes = List.copyOf(nodes);
    furtherNames = List.copyOf(furtherNames);
  }

  /** A plan without hosts. */
  static HostPlan empty(String id) {
    return new HostPlan(id, List.of(), List.of(), List.of());
  }

  /** This plan with further hosts; those it knows must be as it knows them. */
  HostPlan with(List<Host> moreControlPlanes, List<Host> moreNodes, List<String> moreNames) {
    List<Host> servers = union(controlPlanes, moreControlPlanes);
    if (!controlPlanes.isEmpty() && servers.size() > controlPlanes.size()) {
      throw new CoxException(
          "this cluster has its control planes: further store members are added with etcdctl"
              + " member add, see docs/operate-the-store.md");
    }
    if (servers.isEmpty() || servers.size() > CONTROL_PLANES_MAX || servers.size() % 2 == 0) {
      throw new CoxException(
          "--control-plane is needed 1, 3, 5 or 7 times: a majority of them must be able to agree");
    }
    List<Host> all = union(nodes, moreNodes);
    if (all.size() > NODES_MAX) {
      throw new CoxException("--node: a cluster has room for " + NODES_MAX + " nodes");
    }
    moreNames.forEach(HostPlan::requireName);
    Set<String> names = new LinkedHashSet<>(furtherNames);
    names.addAll(moreNames);
    var plan = new HostPlan(id, servers, all, List.copyOf(names));
    plan.requireOneAddressEach();
    return plan;
  }

  private static void requireName(String name) {
    boolean address = NUMBERS.matcher(name).matches();
    if (!(address ? ADDRESS : DNS_NAME).matcher(name).matches()) {
      throw new CoxException(
          "--api-name "
              + name
              + ": a DNS name or an IPv4 address is expected, without https:// and port");
    }
  }

  private static List<Host> union(List<Host> known, List<Host> more) {
    return List.copyOf(new LinkedHashSet<>(Stream.concat(known.stream(), more.stream()).toList()));
  }

  // A host may serve as both; two hosts may share neither name nor address.
  private void requireOneAddressEach() {
    var byName = new HashMap<String, Host>();
    var byAddress = new HashMap<String, Host>();
    for (Host host : hosts()) {
      @Nullable Host namesake = byName.put(host.name(), host);
      if (namesake != null) {
        throw new CoxException(
            "%s is said to be at %s and at %s: each host has a name of its own"
                .formatted(host.name(), namesake.address(), host.address()));
      }
      @Nullable Host neighbour = byAddress.put(host.address(), host);
      if (neighbour != null) {
        throw new CoxException(
            ("%s is said to be %s and %s: a host that is control plane and node has the same name"
                    + " as both")
                .formatted(host.address(), neighbour.name(), host.name()));
      }
    }
  }

  /** Every host once. */
  List<Host> hosts() {
    return union(controlPlanes, nodes);
  }

  @Override
  public List<ClusterSpec.ControlPlane> controlPlaneMachines() {
    return IntStream.range(0, controlPlanes.size())
        .mapToObj(index ->
            new ClusterSpec.ControlPlane(
                index + 1, controlPlanes.get(index).name(), controlPlanes.get(index).address()))
        .toList();
  }

  @Override
  public List<ClusterSpec.Node> nodeMachines() {
    return IntStream.range(0, nodes.size())
        .mapToObj(index ->
            new ClusterSpec.Node(
                index + 1,
                nodes.get(index).name(),
                nodes.get(index).address(),
                "10.244." + (index + 1) + ".0/24"))
        .toList();
  }

  /** What the host is, in the order in which its parts are started. */
  List<ClusterSpec.Machine> machinesOf(Host host) {
    return machines().stream().filter(machine -> machine.name().equals(host.name())).toList();
  }
}
