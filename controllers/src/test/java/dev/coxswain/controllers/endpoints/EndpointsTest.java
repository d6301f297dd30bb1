package dev.coxswain.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EndpointsTest {
  private final Simulation simulation =
      new Simulation(5, new EndpointSliceController(), new EndpointsController());

  @BeforeEach
  void start() {
    simulation.restart();
  }

  @Test
  void aServiceHasItsPodsOnThePortsThatTheyName() {
    pod("a", "10.0.0.1", 8080, true);
    pod("b", "10.0.0.2", 9090, true);
    service("web", false);
    simulation.settle();
    assertThat(slices()).hasSize(2);
    assertThat(slices())
        .extracting(slice -> slice.getPorts().getFirst().getPort())
        .containsExactlyInAnyOrder(8080, 9090);
    assertThat(slices())
        .allSatisfy(slice -> {
          assertThat(Meta.labels(slice))
              .containsEntry("kubernetes.io/service-name", "web")
              .containsEntry(
                  "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io");
          assertThat(slice.getPorts().getFirst().getName()).isEqualTo("http");
        });
    assertThat(endpoints().getSubsets()).hasSize(2);
  }

  @Test
  void aPodComesAndGoesWithItsReadiness() {
    service("web", false);
    pod("a", "10.0.0.1", 8080, false);
    simulation.settle();
    assertThat(only().getConditions().getReady()).isFalse();
    assertThat(endpoints().getSubsets().getFirst().getNotReadyAddresses()).hasSize(1);
    setReady("a", true);
    simulation.settle();
    assertThat(only().getConditions().getReady()).isTrue();
    assertThat(only().getConditions().getServing()).isTrue();
    assertThat(only().getTargetRef().getName()).isEqualTo("a");
    assertThat(only().getNodeName()).isEqualTo("node-1");
    assertThat(ready()).containsExactly("10.0.0.1");
  }

  @Test
  void aServiceMayAskThatClientsStayNear() {
    simulation
        .api()
        .seed(
            Node.class,
            new NodeBuilder()
                .withNewMetadata()
                .withName("node-1")
                .addToLabels("topology.kubernetes.io/zone", "a")
                .endMetadata()
                .build());
    Service service = service("web", false);
    pod("a", "10.0.0.1", 8080, true);
    simulation.settle();
    assertThat(only().getZone()).isEqualTo("a");
    assertThat(only().getHints()).isNull();
    prefer(service, "PreferClose");
    assertThat(only().getHints().getForZones()).extracting(ForZone::getName).containsExactly("a");
    assertThat(only().getHints().getForNodes()).isEmpty();
    prefer(service, "PreferSameNode");
    assertThat(only().getHints().getForNodes())
        .extracting(ForNode::getName)
        .containsExactly("node-1");
    setReady("a", false);
    simulation.settle();
    assertThat(only().getHints()).isNull();
  }

  private void prefer(Service service, String distribution) {
    var services = simulation.api().resource(Service.class);
    services.update(
        new ServiceBuilder(services.find(Meta.key(service)).orElseThrow())
            .editSpec()
            .withTrafficDistribution(distribution)
            .endSpec()
            .build());
    simulation.settle();
  }

  @Test
  void aTerminatingPodServesOnButIsNotReady() {
    service("web", false);
    Pod pod = pod("a", "10.0.0.1", 8080, true);
    simulation.settle();
    simulation.api().resource(Pod.class).delete(Meta.key(pod), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(only().getConditions().getReady()).isFalse();
    assertThat(only().getConditions().getServing()).isTrue();
    assertThat(only().getConditions().getTerminating()).isTrue();
    assertThat(endpoints().getSubsets()).isEmpty();
  }

  @Test
  void unreadyAddressesArePublishedWhereTheServiceSaysSo() {
    service("web", true);
    pod("a", "10.0.0.1", 8080, false);
    simulation.settle();
    assertThat(only().getConditions().getReady()).isTrue();
    assertThat(only().getConditions().getServing()).isFalse();
    assertThat(ready()).containsExactly("10.0.0.1");
  }

  @Test
  void aServiceWithNobodyBehindItHasOneEmptySlice() {
    service("web", false);
    simulation.settle();
    assertThat(slices()).hasSize(1);
    assertThat(slices().getFirst().getEndpoints()).isEmpty();
    pod("a", "10.0.0.1", 8080, true);
    simulation.settle();
    assertThat(slices()).hasSize(1);
    assertThat(only().getAddresses()).containsExactly("10.0.0.1");
  }

  @Test
  void ofMoreThanCanBeToldThoseWhoServeAreTold() {
    for (int i = 0; i < 1001; i++) {
      pod("pod-%04d".formatted(i), "10.0.%d.%d".formatted(i / 250, i % 250 + 1), 8080, i == 1000);
    }
    simulation.settle();
    service("web", false);
    simulation.settle();
    assertThat(ready()).containsExactly("10.0.4.1");
    assertThat(endpoints().getSubsets().getFirst().getNotReadyAddresses()).hasSize(999);
    assertThat(Meta.annotations(endpoints()))
        .containsEntry("endpoints.kubernetes.io/over-capacity", "truncated");
  }

  @Test
  void endpointsGoWithTheirService() {
    Service service = service("web", false);
    simulation.settle();
    simulation.api().resource(Service.class).delete(Meta.key(service), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(simulation.stored(Endpoints.class)).isEmpty();
  }

  @Test
  void whatEndpointsWereWrittenForCarriesItsTime() {
    Service service = service("web", false);
    simulation.settle();
    assertTriggered(service.getMetadata().getCreationTimestamp());
    pod("a", "10.0.0.1", 8080, false);
    pod("b", "10.0.0.2", 8080, false);
    simulation.settle();
    setReady("a", true, "2026-01-01T00:00:20Z");
    setReady("b", true, "2026-01-01T02:00:10+02:00");
    simulation.settle();
    assertTriggered("2026-01-01T00:00:10Z");
    setReady("a", false, "2026-01-01T00:00:30Z");
    simulation.settle();
    assertTriggered("2026-01-01T00:00:30Z");
    simulation
        .api()
        .resource(Pod.class)
        .delete(new ObjectKey("default", "a"), DeleteOptions.DEFAULT);
    simulation.settle();
    // It went at no time that it tells.
    assertTriggered(null);
  }

  private void assertTriggered(@Nullable String time) {
    assertThat(slices())
        .allSatisfy(slice ->
            assertThat(Meta.annotations(slice).get(TriggerTime.ANNOTATION)).isEqualTo(time));
    assertThat(Meta.annotations(endpoints()).get(TriggerTime.ANNOTATION)).isEqualTo(time);
  }

  @Test
  void aServiceWithoutSelectorIsSomebodyElsesBusiness() {
    simulation
        .api()
        .resource(Service.class)
        .create(
            new ServiceBuilder()
                .withNewMetadata()
                .withName("external")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build());
    simulation.settle();
    assertThat(simulation.stored(EndpointSlice.class)).isEmpty();
    assertThat(simulation.stored(Endpoints.class)).isEmpty();
  }

  private Service service(String name, boolean publishUnready) {
    return simulation
        .api()
        .resource(Service.class)
        .create(
            new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.96.0.7")
                .withSelector(Map.of("app", name))
                .withPublishNotReadyAddresses(publishUnready)
                .addNewPort()
                .withName("http")
                .withPort(80)
                .withTargetPort(new IntOrString("web"))
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build());
  }

  private Pod pod(String name, String address, int port, boolean ready) {
    return simulation
        .api()
        .seed(
            Pod.class,
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .withLabels(Map.of("app", "web"))
                .endMetadata()
                .withNewSpec()
                .withNodeName("node-1")
                .addNewContainer()
                .withName("main")
                .addNewPort()
                .withName("web")
                .withContainerPort(port)
                .endPort()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP(address)
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build());
  }

  private void setReady(String name, boolean ready) {
    setReady(name, ready, null);
  }

  private void setReady(String name, boolean ready, @Nullable String since) {
    Pod pod = simulation.stored(Pod.class, "default", name).orElseThrow();
    pod.getStatus().getConditions().getFirst().setStatus(ready ? "True" : "False");
    pod.getStatus().getConditions().getFirst().setLastTransitionTime(since);
    simulation.api().resource(Pod.class).updateStatus(pod);
  }

  private List<EndpointSlice> slices() {
    return simulation.stored(EndpointSlice.class);
  }

  private Endpoint only() {
    return slices().getFirst().getEndpoints().getFirst();
  }

  private Endpoints endpoints() {
    return simulation.stored(Endpoints.class, "default", "web").orElseThrow();
  }

  private List<String> ready() {
    return endpoints().getSubsets().stream()
        .map(EndpointSubset::getAddresses)
        .flatMap(List::stream)
        .map(EndpointAddress::getIp)
        .toList();
  }
}
