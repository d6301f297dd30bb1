package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Ways into and between pods. */
final class NetworkingKinds {
  private NetworkingKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.generationalWithStatus("Ingress").plural("ingresses").shortNames("ing").build(),
        kinds.generational("IngressClass").plural("ingressclasses").clusterScoped().build(),
        kinds.generational("NetworkPolicy").plural("networkpolicies").shortNames("netpol").build(),
        kinds
            .generational("IPAddress")
            .plural("ipaddresses")
            .shortNames("ip")
            .clusterScoped()
            .build(),
        kinds.generationalWithStatus("ServiceCIDR").shortNames("svccidr").clusterScoped().build());
  }
}
