package dev.coxswain.kubelet.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.PodRequests;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one pod takes of its node.
 *
 * @param requests by resource, itself counted among them as one pod
 * @param ports those of the host
 */
record Load(Pod pod, Map<String, Quantity> requests, Set<HostPort> ports) {
  Load {
    requests = Map.copyOf(requests);
    ports = Set.copyOf(ports);
  }

  /** A port of the host; an empty address is all of them. */
  record HostPort(String protocol, String address, int port) {
    boolean clashes(HostPort other) {
      return port == other.port
          && protocol.equals(other.protocol)
          && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
    }
  }

  static Load of(Pod pod) {
    Map<String, Quantity> requests =
        new TreeMap<>(PodRequests.of(Json.mapper().valueToTree(pod), "requests"));
    requests.put("pods", Quantity.of(1));
    Set<HostPort> ports = new HashSet<>();
    Stream.concat(
            pod.getSpec().getContainers().stream(),
            pod.getSpec().getInitContainers().stream().filter(Load::stays))
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> port.getHostPort() != null && port.getHostPort() > 0)
        .map(Load::hostPort)
        .forEach(ports::add);
    return new Load(pod, requests, ports);
  }

  Quantity request(String resource) {
    return requests.getOrDefault(resource, Quantity.ZERO);
  }

  private static boolean stays(Container init) {
    return "Always".equals(init.getRestartPolicy());
  }

  private static HostPort hostPort(ContainerPort port) {
    String address = port.getHostIP() == null ? "" : port.getHostIP();
    return new HostPort(
        port.getProtocol() == null ? "TCP" : port.getProtocol(),
        address.equals("0.0.0.0") ? "" : address,
        port.getHostPort());
  }
}
