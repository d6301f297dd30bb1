package dev.coxswain.apiserver.connect;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.CachedObject;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds kubelets. */
public final class NodeTargets {
  private static final GroupResource NODES = new GroupResource("", "nodes");
  private static final int KUBELET_PORT = 10250;

  /** The kinds of addresses, the preferred one first. */
  private static final List<String> KINDS = List.of("InternalIP", "ExternalIP", "Hostname");

  private final ObjectReader reader;

  /** Looks nodes up here. */
  public NodeTargets(ObjectReader reader) {
    this.reader = reader;
  }

  /** A path on a node's kubelet. */
  Target kubelet(String name, String uri) throws InterruptedException {
    ObjectNode node =
        reader
            .find(NODES, ObjectKey.cluster(name))
            .map(CachedObject::parse)
            .orElseThrow(() -> Failures.notFound(NODES, name));
    int port =
        (int)
            Json.number(node, KUBELET_PORT, "status", "daemonEndpoints", "kubeletEndpoint", "Port");
    return new Target(
        "https", address(node, name), port == 0 ? KUBELET_PORT : port, new Peer.Kubelet(), uri);
  }

  private static String address(ObjectNode node, String name) {
    for (String kind : KINDS) {
      for (JsonNode address : Json.at(node, "status", "addresses")) {
        if (Json.text(address, "type").equals(kind)) {
          return Json.text(address, "address");
        }
      }
    }
    throw new ApiException(StatusReason.INTERNAL_ERROR, "node " + name + " has no address yet");
  }
}
