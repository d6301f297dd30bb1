package dev.coxswain.kubelet.usage;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;

/**
 * What a pod uses.
 *
 * @param volumes what lies in its volumes on the node's disk, by volume name
 * @param claims how full the volumes behind its claims are
 * @param network of its own; empty for a pod in its node's network
 * @param processes in all its containers
 */
public record PodUse(
    Pod pod,
    List<ContainerUse> containers,
    Map<String, TreeSize> volumes,
    List<ClaimUse> claims,
    List<InterfaceUse> network,
    long processes) {
  public PodUse {
    containers = List.copyOf(containers);
    volumes = Map.copyOf(volumes);
    claims = List.copyOf(claims);
    network = List.copyOf(network);
  }

  /** The containers' working sets, in bytes. */
  public long memory() {
    return containers.stream().mapToLong(ContainerUse::memory).sum();
  }

  /** What the containers wrote to their own file systems. */
  public TreeSize roots() {
    return containers.stream().map(ContainerUse::root).reduce(TreeSize.NONE, TreeSize::plus);
  }

  /** Logs and volumes: what is written outside of the images' file system. */
  public TreeSize local() {
    return containers.stream()
        .map(ContainerUse::logs)
        .reduce(volumes.values().stream().reduce(TreeSize.NONE, TreeSize::plus), TreeSize::plus);
  }
}
