package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides what a bring-up aims at, from what was asked for and what is there. Pure. */
public final class ClusterPlanner {
  public static final int DEFAULT_API_PORT = 6443;

  /** How many values the third byte of 10.89.X.0/24 takes. */
  private static final int SUBNETS = 256;

  private ClusterPlanner() {}

  /**
   * What the user asked for; absent means "as it is", or the default for a new cluster.
   *
   * @param apiPort 0 asks for any free port
   * @param containerd a folder with a containerd of its own
   */
  public record Wish(
      @Nullable Integer nodes,
      @Nullable Integer controlPlanes,
      @Nullable Integer apiPort,
      @Nullable String containerd) {}

  /** What the machine offers. */
  public interface Offer {
    Collection<Integer> usedSubnets();

    /** Whether nobody listens on the loopback port. */
    boolean free(int port);

    int freePort();
  }

  public static ClusterSpec plan(
      String id, Wish wish, Optional<ClusterState> existing, Offer offer) {
    int nodes = orElse(wish.nodes(), existing.map(state -> state.spec().nodes()).orElse(1));
    int controlPlanes =
        orElse(wish.controlPlanes(), existing.map(state -> state.spec().controlPlanes()).orElse(1));
    require(
        nodes >= 1 && nodes <= ClusterSpec.NODES_MAX,
        "--nodes takes 1 to " + ClusterSpec.NODES_MAX);
    require(
        controlPlanes >= 1
            && controlPlanes <= ClusterSpec.CONTROL_PLANES_MAX
            && controlPlanes % 2 == 1,
        "--control-planes takes 1, 3, 5 or 7: a majority of them must be able to agree");
    if (existing.isEmpty()) {
      return new ClusterSpec(
          id,
          subnet(id, offer.usedSubnets()),
          port(wish.apiPort(), DEFAULT_API_PORT, offer),
          controlPlanes,
          nodes,
          wish.containerd());
    }
    ClusterSpec current = existing.get().spec();
    require(
        controlPlanes == current.controlPlanes(),
        "this cluster has "
            + current.controlPlanes()
            + " control plane(s); another number needs a new one: "
            + Invocation.cox("down")
            + " first");
    require(
        nodes >= current.nodes(),
        "this cluster has "
            + current.nodes()
            + " nodes and cannot shrink; "
            + Invocation.cox("down")
            + " first, or stop one: "
            + Invocation.cox("node stop node-" + current.nodes()));
    // An older containerd does not read what a newer one wrote.
    require(
        wish.containerd() == null || wish.containerd().equals(current.containerd()),
        "this cluster's nodes run another containerd; "
            + Invocation.cox("down")
            + " first to change it");
    boolean running = existing.get().running();
    int port = port(wish.apiPort(), current.apiPort(), offer);
    if (running && wish.apiPort() != null && wish.apiPort() != 0) {
      require(
          port == current.apiPort(),
          "this cluster's API port is "
              + current.apiPort()
              + "; "
              + Invocation.cox("down --keep-data")
              + " first to change it");
    }
    boolean any = wish.apiPort() != null && wish.apiPort() == 0;
    if (running || (any && offer.free(current.apiPort()))) {
      port = current.apiPort();
    }
    require(
        running || !offer.usedSubnets().contains(current.subnet()),
        "this cluster's network 10.89."
            + current.subnet()
            + ".0/24 is in use by another; stop that one first");
    return new ClusterSpec(id, current.subnet(), port, controlPlanes, nodes, current.containerd());
  }

  /**
   * The first free one from a place that depends on the cluster, so that neighbours rarely meet.
   */
  private static int subnet(String id, Collection<Integer> used) {
    int first = Integer.parseInt(id, 16) % SUBNETS;
    for (int step = 0; step < SUBNETS; step++) {
      int candidate = (first + step) % SUBNETS;
      if (!used.contains(candidate)) {
        return candidate;
      }
    }
    throw new CoxException(
        "every network 10.89.0.0/24 to 10.89.255.0/24 is in use on this machine");
  }

  private static int port(@Nullable Integer wished, int otherwise, Offer offer) {
    if (wished == null) {
      return otherwise;
    }
    require(wished >= 0 && wished <= 65535, "--api-port takes 0 to 65535");
    return wished == 0 ? offer.freePort() : wished;
  }

  private static int orElse(@Nullable Integer wished, int otherwise) {
    return wished == null ? otherwise : wished;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new CoxException(otherwise);
    }
  }
}
