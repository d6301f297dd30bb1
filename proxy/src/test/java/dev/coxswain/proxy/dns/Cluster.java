package dev.coxswain.proxy.dns;

import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.FakeInformer;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import org.jspecify.annotations.Nullable;

/** A small cluster to ask about. */
final class Cluster {
  private final FakeApi api = new FakeApi(new ManualTime(), Randomness.seeded(1));
  private final FakeInformer<Service> services = api.informer(Service.class);
  private final FakeInformer<EndpointSlice> slices = api.informer(EndpointSlice.class);
  private final InformerDirectory directory = new InformerDirectory(services, slices);
  final ClusterZone zone = new ClusterZone("cluster.local", "10.96.0.10", directory);

  Cluster() {
    services.start();
    slices.start();
  }

  /** The same, with the first lists read. */
  Cluster ready() {
    api.deliverAll();
    return this;
  }

  Cluster service(String namespace, String name, String clusterIp) {
    api.seed(
        Service.class,
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withType("ClusterIP")
            .withClusterIP(clusterIp)
            .addNewPort()
            .withName("http")
            .withProtocol("TCP")
            .withPort(80)
            .withTargetPort(new IntOrString(8080))
            .endPort()
            .endSpec()
            .build());
    return this;
  }

  Cluster externalName(String namespace, String name, String target) {
    api.seed(
        Service.class,
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withType("ExternalName")
            .withExternalName(target)
            .endSpec()
            .build());
    return this;
  }

  Cluster endpoint(
      String namespace, String service, String address, @Nullable String hostname, boolean ready) {
    api.seed(
        EndpointSlice.class,
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(service + "-" + address.replace('.', '-'))
            .addToLabels("kubernetes.io/service-name", service)
            .endMetadata()
            .withAddressType("IPv4")
            .withEndpoints(
                new EndpointBuilder()
                    .withAddresses(address)
                    .withHostname(hostname)
                    .withNewConditions()
                    .withReady(ready)
                    .endConditions()
                    .build())
            .addNewPort()
            .withName("http")
            .withProtocol("TCP")
            .withPort(8080)
            .endPort()
            .build());
    return this;
  }
}
