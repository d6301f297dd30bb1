package dev.coxswain.controllers.servicerange;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.ParentReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The IPAddresses by which Services hold their addresses. */
final class Addresses {
  private static final String MANAGED_BY = "ipaddress.kubernetes.io/managed-by";
  private static final String FAMILY = "ipaddress.kubernetes.io/ip-family";

  /** What the API server, which gives addresses out, is called in their labels. */
  private static final String ALLOCATOR = "ipallocator";

  private Addresses() {}

  /** Whether the address was given out to a Service, and not made by somebody else. */
  static boolean givenOut(IPAddress address) {
    return ALLOCATOR.equals(Meta.labels(address).get(MANAGED_BY));
  }

  /** The Service that an address says it is of. */
  static Optional<ObjectKey> service(IPAddress address) {
    ParentReference parent = address.getSpec() == null ? null : address.getSpec().getParentRef();
    if (parent == null || parent.getNamespace() == null || parent.getName() == null) {
      return Optional.empty();
    }
    boolean ofService =
        Meta.text(parent.getGroup()).isEmpty() && "services".equals(parent.getResource());
    return ofService
        ? Optional.of(new ObjectKey(parent.getNamespace(), parent.getName()))
        : Optional.empty();
  }

  /** The addresses that a Service has. */
  static List<String> held(Service service) {
    var spec = service.getSpec();
    if (spec == null || "ExternalName".equals(spec.getType())) {
      return List.of();
    }
    List<String> all = Meta.list(spec.getClusterIPs());
    Stream<String> addresses =
        all.isEmpty() ? Stream.ofNullable(spec.getClusterIP()) : all.stream();
    return addresses.filter(address -> !address.isEmpty() && !address.equals("None")).toList();
  }

  /** The IPAddress that a Service should have. */
  static IPAddress of(String address, Service service) {
    return new IPAddressBuilder()
        .withNewMetadata()
        .withName(address)
        .withLabels(
            Map.of(FAMILY, address.indexOf(':') < 0 ? "IPv4" : "IPv6", MANAGED_BY, ALLOCATOR))
        .endMetadata()
        .withNewSpec()
        .withNewParentRef()
        .withResource("services")
        .withNamespace(Meta.namespace(service))
        .withName(Meta.name(service))
        .endParentRef()
        .endSpec()
        .build();
  }
}
