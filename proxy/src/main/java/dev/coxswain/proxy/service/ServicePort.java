package dev.coxswain.proxy.service;

import java.util.List;

/**
 * One port of a service with a cluster address.
 *
 * @param name its name
 * @param protocol its transport
 * @param clusterIp the cluster address
 * @param port the port at the cluster, external and load balancer addresses
 * @param nodePort the port at every node's addresses; 0 for none
 * @param externalIps further addresses that the cluster's nodes answer for
 * @param loadBalancerIps addresses in {@code status.loadBalancer.ingress} that nodes answer for
 * @param sourceRanges who may use the load balancer addresses; empty for everybody
 * @param affinitySeconds how long a client stays with its endpoint; 0 without affinity
 * @param internalLocal whether traffic from within the cluster stays on its node
 * @param externalLocal whether traffic from outside stays on the node where it arrives
 */
public record ServicePort(
    ServicePortName name,
    Protocol protocol,
    String clusterIp,
    int port,
    int nodePort,
    List<String> externalIps,
    List<String> loadBalancerIps,
    List<String> sourceRanges,
    int affinitySeconds,
    boolean internalLocal,
    boolean externalLocal) {

  public ServicePort {
    externalIps = List.copyOf(externalIps);
    loadBalancerIps = List.copyOf(loadBalancerIps);
    sourceRanges = List.copyOf(sourceRanges);
  }

  /** Whether anything but the cluster address leads here. */
  public boolean external() {
    return nodePort != 0 || !externalIps.isEmpty() || !loadBalancerIps.isEmpty();
  }

  /** Whether some traffic may go to any node's endpoints. */
  public boolean usesClusterEndpoints() {
    return !internalLocal || external();
  }

  /** Whether some traffic must stay on this node. */
  public boolean usesLocalEndpoints() {
    return internalLocal || (externalLocal && external());
  }
}
