package dev.coxswain.kubelet.csi;

import dev.coxswain.proto.csi.NodeServiceCapability.RPC;
import java.util.Map;
import java.util.Set;

/**
 * A driver that has registered.
 *
 * @param nodeId what it calls this node
 * @param mostVolumes how many volumes it can have here; 0 for any number
 * @param topology from where this node is reachable, label by label
 */
record Driver(
    String name,
    String nodeId,
    long mostVolumes,
    Map<String, String> topology,
    Set<RPC.Type> capabilities,
    NodePlugin plugin) {
  Driver {
    topology = Map.copyOf(topology);
    capabilities = Set.copyOf(capabilities);
  }

  boolean can(RPC.Type capability) {
    return capabilities.contains(capability);
  }
}
