package dev.coxswain.deploy.cluster;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster is to look like; every name and address follows from it.
 *
 * @param id six hexadecimal digits that keep this cluster's host-wide names from another's
 * @param subnet the X of 10.89.X.0/24, where the machines live
 * @param apiPort the loopback port on the host that leads to the API servers
 * @param controlPlanes how many, each with a store member
 * @param nodes how many
 * @param containerd the folder with the nodes' containerd, absent for the one that is installed
 */
public record ClusterSpec(
    String id, int subnet, int apiPort, int controlPlanes, int nodes, @Nullable String containerd)
    implements Topology {
  /** What a /24 leaves for control planes below the nodes, and an odd number the store can use. */
  public static final int CONTROL_PLANES_MAX = 7;

  /** Addresses .101 to .250. */
  public static final int NODES_MAX = 150;

  public static final String POD_CIDR = "10.244.0.0/16";
  public static final String SERVICE_CIDR = "10.96.0.0/12";
  public static final String KUBERNETES_ADDRESS = "10.96.0.1";
  public static final String DNS_ADDRESS = "10.96.0.10";
  public static final String DOMAIN = "cluster.local";

  /** One machine of the cluster. */
  public sealed interface Machine permits ControlPlane, Node {
    int index();

    String name();

    String address();
  }

  public record ControlPlane(int index, String name, String address) implements Machine {
    public String apiServer() {
      return "https://" + address + ":6443";
    }

    public String storeClient() {
      return "https://" + address + ":2379";
    }

    public String storePeer() {
      return "https://" + address + ":2380";
    }
  }

  public record Node(int index, String name, String address, String podCidr) implements Machine {}

  /** The id of the cluster that lives at this home: the same for every command run on it. */
  public static String idOf(Path home) {
    var sum = new CRC32();
    sum.update(home.toString().getBytes(StandardCharsets.UTF_8));
    return "%06x".formatted(sum.getValue() & 0xffffff);
  }

  @Override
  public List<ControlPlane> controlPlaneMachines() {
    return IntStream.rangeClosed(1, controlPlanes)
        .mapToObj(index -> new ControlPlane(index, "control-plane-" + index, address(10 + index)))
        .toList();
  }

  @Override
  public List<Node> nodeMachines() {
    return IntStream.rangeClosed(1, nodes)
        .mapToObj(index ->
            new Node(index, "node-" + index, address(100 + index), "10.244." + index + ".0/24"))
        .toList();
  }

  @Override
  public List<String> furtherNames() {
    return List.of(hostAddress());
  }

  public String loopbackApiServer() {
    return "https://127.0.0.1:" + apiPort;
  }

  /** The host's own address in the machines' subnet. */
  public String hostAddress() {
    return address(1);
  }

  /** The machines' default gateway, where everything that would leave ends. */
  public String gatewayAddress() {
    return address(254);
  }

  /** The cgroup, a relative path, under which everything of this cluster runs. */
  public String cgroup() {
    return "coxswain-" + id;
  }

  public String hostInterface() {
    return hostInterface(id);
  }

  static String hostInterface(String id) {
    return "cox-" + id;
  }

  private String address(int last) {
    return "10.89." + subnet + "." + last;
  }
}
