package dev.coxswain.proxy.service;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a slice says, in few bytes.
 *
 * @param ports the ports that every endpoint has
 * @param addresses the endpoints, each with the port 0
 */
record SliceEndpoints(List<Port> ports, List<Endpoint> addresses) {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";
  private static final int MAXIMUM_PORT = 65_535;

  /** One port of a slice; it belongs to the service port of the same name and protocol. */
  record Port(String name, Protocol protocol, int number) {}

  /** The service that a slice belongs to, unless it is not ours to serve. */
  static Optional<ObjectKey> service(EndpointSlice slice) {
    if (!ServicePorts.ours(slice)) {
      return Optional.empty();
    }
    Map<String, String> labels = slice.getMetadata().getLabels();
    return Optional.ofNullable(labels == null ? null : labels.get(SERVICE_LABEL))
        .map(name -> new ObjectKey(slice.getMetadata().getNamespace(), name));
  }

  static SliceEndpoints of(EndpointSlice slice, String nodeName) {
    List<Port> ports = new ArrayList<>();
    List<Endpoint> addresses = new ArrayList<>();
    if (!"IPv4".equals(slice.getAddressType())) {
      return new SliceEndpoints(List.of(), List.of());
    }
    for (EndpointPort port : ServicePorts.orEmpty(slice.getPorts())) {
      // A port without a number stands for all ports, which a rule cannot express.
      // One that is none would keep all rules of the node from being written.
      if (port.getPort() != null && port.getPort() > 0 && port.getPort() <= MAXIMUM_PORT) {
        ports.add(
            new Port(
                port.getName() == null ? "" : port.getName(),
                Protocol.of(port.getProtocol()),
                port.getPort()));
      }
    }
    for (var endpoint : ServicePorts.orEmpty(slice.getEndpoints())) {
      List<String> ips = ServicePorts.orEmpty(endpoint.getAddresses());
      if (ips.isEmpty() || !Ipv4.isOfOthers(ips.getFirst())) {
        continue;
      }
      EndpointConditions conditions = endpoint.getConditions();
      boolean ready = conditions == null || isTrueOrAbsent(conditions.getReady());
      addresses.add(
          new Endpoint(
              ips.getFirst(),
              0,
              nodeName.equals(endpoint.getNodeName()),
              ready,
              serving(conditions, ready),
              conditions != null && Boolean.TRUE.equals(conditions.getTerminating()),
              hint(endpoint.getHints())));
    }
    return new SliceEndpoints(List.copyOf(ports), List.copyOf(addresses));
  }

  private static Hint hint(@Nullable EndpointHints hints) {
    return hints == null
        ? Hint.NONE
        : new Hint(
            ServicePorts.orEmpty(hints.getForNodes()).stream().map(ForNode::getName).toList(),
            ServicePorts.orEmpty(hints.getForZones()).stream().map(ForZone::getName).toList());
  }

  /** The field is younger than ready and, where absent, means the same. */
  private static boolean serving(@Nullable EndpointConditions conditions, boolean ready) {
    return (conditions == null || conditions.getServing() == null)
        ? ready
        : conditions.getServing();
  }

  private static boolean isTrueOrAbsent(@Nullable Boolean value) {
    return value == null || value;
  }

  /** The endpoints of a service port in this slice. */
  List<Endpoint> of(ServicePort servicePort) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Port port : ports) {
      if (port.name().equals(servicePort.name().port())
          && port.protocol() == servicePort.protocol()) {
        for (Endpoint address : addresses) {
          endpoints.add(
              new Endpoint(
                  address.address(),
                  port.number(),
                  address.local(),
                  address.ready(),
                  address.serving(),
                  address.terminating(),
                  address.hint()));
        }
      }
    }
    return endpoints;
  }
}
