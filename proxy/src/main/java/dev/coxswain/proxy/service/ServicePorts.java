package dev.coxswain.proxy.service;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a Service object into its ports. */
final class ServicePorts {
  private static final Logger log = LoggerFactory.getLogger(ServicePorts.class);

  /**
   * A service or slice with one of these labels, whatever its value, is not ours to serve: the
   * first names another proxy, the second says that it wants none.
   */
  private static final Set<String> NOT_OURS =
      Set.of("service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless");

  private static final int DEFAULT_AFFINITY_SECONDS = 10_800;

  private ServicePorts() {}

  static ObjectKey key(Service service) {
    return new ObjectKey(service.getMetadata().getNamespace(), service.getMetadata().getName());
  }

  /**
   * The ports to serve: none of a headless service, an ExternalName, or one without IPv4 address.
   */
  static List<ServicePort> of(Service service, Set<String> servedElsewhere) {
    ServiceSpec spec = service.getSpec();
    String clusterIp = spec == null ? null : spec.getClusterIP();
    if (spec == null
        || clusterIp == null
        || !Ipv4.isAddress(clusterIp)
        || "ExternalName".equals(spec.getType())
        || servedElsewhere.contains(clusterIp)
        || !ours(service)) {
      return List.of();
    }
    List<ServicePort> ports = new ArrayList<>();
    for (io.fabric8.kubernetes.api.model.ServicePort port : orEmpty(spec.getPorts())) {
      try {
        ports.add(
            new ServicePort(
                new ServicePortName(
                    service.getMetadata().getNamespace(),
                    service.getMetadata().getName(),
                    port.getName() == null ? "" : port.getName()),
                Protocol.of(port.getProtocol()),
                clusterIp,
                port.getPort(),
                port.getNodePort() == null ? 0 : port.getNodePort(),
                orEmpty(spec.getExternalIPs()).stream().filter(Ipv4::isAddress).sorted().toList(),
                loadBalancerIps(service),
                sourceRanges(spec),
                affinitySeconds(spec),
                "Local".equals(spec.getInternalTrafficPolicy()),
                "Local".equals(spec.getExternalTrafficPolicy())));
      } catch (IllegalArgumentException e) {
        log.warn(
            "service {} port {} is not served: {}", key(service), port.getName(), e.getMessage());
      }
    }
    return List.copyOf(ports);
  }

  /**
   * The port at which nodes say whether they have endpoints of the Service; 0 for none, as for all
   * but those whose traffic stays on the node at which a balancer sent it.
   */
  static int healthPort(Service service) {
    ServiceSpec spec = service.getSpec();
    return spec != null
            && spec.getHealthCheckNodePort() != null
            && "LoadBalancer".equals(spec.getType())
            && "Local".equals(spec.getExternalTrafficPolicy())
            && ours(service)
        ? spec.getHealthCheckNodePort()
        : 0;
  }

  /** Whether no label says that a service or slice is somebody else's. */
  static boolean ours(HasMetadata object) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels == null || NOT_OURS.stream().noneMatch(labels::containsKey);
  }

  private static List<String> loadBalancerIps(Service service) {
    if (service.getStatus() == null || service.getStatus().getLoadBalancer() == null) {
      return List.of();
    }
    // ipMode Proxy means that the balancer itself ends the connection: nodes must not shortcut it.
    return orEmpty(service.getStatus().getLoadBalancer().getIngress()).stream()
        .filter(ingress -> !"Proxy".equals(ingress.getIpMode()))
        .map(LoadBalancerIngress::getIp)
        .filter(Ipv4::isAddress)
        .sorted()
        .toList();
  }

  private static List<String> sourceRanges(ServiceSpec spec) {
    List<String> ranges =
        orEmpty(spec.getLoadBalancerSourceRanges()).stream().map(String::strip).toList();
    // Everybody named explicitly is the same as nobody named.
    return ranges.contains("0.0.0.0/0")
        ? List.of()
        : ranges.stream().filter(Ipv4::isRange).sorted().toList();
  }

  private static int affinitySeconds(ServiceSpec spec) {
    if (!"ClientIP".equals(spec.getSessionAffinity())) {
      return 0;
    }
    return Stream.ofNullable(spec.getSessionAffinityConfig())
        .flatMap(config -> Stream.ofNullable(config.getClientIP()))
        .flatMap(client -> Stream.ofNullable(client.getTimeoutSeconds()))
        .findFirst()
        .orElse(DEFAULT_AFFINITY_SECONDS);
  }

  static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
