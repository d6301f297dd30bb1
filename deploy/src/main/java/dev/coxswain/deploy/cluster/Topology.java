package dev.coxswain.deploy.cluster;

import java.util.ArrayList;
import java.util.List;

/** Which machines a cluster consists of, wherever they are. */
public interface Topology {
  /** Keeps this cluster's tokens from another's. */
  String id();

  List<ClusterSpec.ControlPlane> controlPlaneMachines();

  List<ClusterSpec.Node> nodeMachines();

  /** What else than their machines' names and addresses the API servers are reached as. */
  List<String> furtherNames();

  default List<ClusterSpec.Machine> machines() {
    var machines = new ArrayList<ClusterSpec.Machine>(controlPlaneMachines());
    machines.addAll(nodeMachines());
    return machines;
  }

  default List<String> apiServers() {
    return controlPlaneMachines().stream().map(ClusterSpec.ControlPlane::apiServer).toList();
  }

  default List<String> storeEndpoints() {
    return controlPlaneMachines().stream().map(ClusterSpec.ControlPlane::storeClient).toList();
  }
}
