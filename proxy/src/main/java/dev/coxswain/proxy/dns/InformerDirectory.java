package dev.coxswain.proxy.dns;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The directory over two informers; made before they are started, because it adds indexes. */
public final class InformerDirectory implements ServiceDirectory {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";
  private static final String BY_NAMESPACE = "dns.namespace";
  private static final String BY_ADDRESS = "dns.address";
  private static final String BY_SERVICE = "dns.service";

  private final Informer<Service> services;
  private final Informer<EndpointSlice> slices;

  /** Adds what it needs to these informers. */
  public InformerDirectory(Informer<Service> services, Informer<EndpointSlice> slices) {
    this.services = services;
    this.slices = slices;
    services.index(BY_NAMESPACE, service -> List.of(service.getMetadata().getNamespace()));
    services.index(
        BY_ADDRESS,
        service -> {
          String address = service.getSpec() == null ? null : service.getSpec().getClusterIP();
          return address == null || address.isEmpty() ? List.of() : List.of(address);
        });
    slices.index(
        BY_SERVICE,
        slice -> {
          Map<String, String> labels = slice.getMetadata().getLabels();
          String name = labels == null ? null : labels.get(SERVICE_LABEL);
          return name == null
              ? List.of()
              : List.of(new ObjectKey(slice.getMetadata().getNamespace(), name).toString());
        });
    slices.index(
        BY_ADDRESS,
        slice ->
            slice.getEndpoints() == null
                ? List.of()
                : slice.getEndpoints().stream()
                    .flatMap(endpoint -> endpoint.getAddresses().stream())
                    .distinct()
                    .toList());
  }

  @Override
  public Optional<Service> service(ObjectKey key) {
    return services.find(key);
  }

  @Override
  public Collection<EndpointSlice> slices(ObjectKey service) {
    return slices.byIndex(BY_SERVICE, service.toString());
  }

  @Override
  public Collection<Service> servicesAt(String clusterIp) {
    return services.byIndex(BY_ADDRESS, clusterIp);
  }

  @Override
  public Collection<EndpointSlice> slicesWith(String address) {
    return slices.byIndex(BY_ADDRESS, address);
  }

  @Override
  public boolean hasServices(String namespace) {
    return !services.byIndex(BY_NAMESPACE, namespace).isEmpty();
  }
}
