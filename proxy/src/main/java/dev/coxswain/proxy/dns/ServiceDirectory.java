package dev.coxswain.proxy.dns;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.Optional;

/** What the zone is made of; asked only once the first lists have been read. */
interface ServiceDirectory {
  Optional<Service> service(ObjectKey key);

  Collection<EndpointSlice> slices(ObjectKey service);

  Collection<Service> servicesAt(String clusterIp);

  Collection<EndpointSlice> slicesWith(String address);

  boolean hasServices(String namespace);
}
