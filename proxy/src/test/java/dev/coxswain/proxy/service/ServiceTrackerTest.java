package dev.coxswain.proxy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceFluent;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceTrackerTest {
  private static final ObjectKey WEB = new ObjectKey("shop", "web");

  private final AtomicInteger changes = new AtomicInteger();
  private final ServiceTracker tracker =
      new ServiceTracker("n1", Set.of("10.96.0.10"), changes::incrementAndGet);

  @Test
  void aServicesPortsFindTheirEndpointsByName() {
    tracker.serviceHandler().added(service("10.96.0.20", one -> one));
    tracker.sliceHandler().added(slice("web-1", "http", "n1", true, "10.244.1.2"));
    tracker.sliceHandler().added(slice("web-2", "http", "n2", null, "10.244.2.3"));
    tracker.sliceHandler().added(slice("web-3", "other", "n2", true, "10.244.2.4"));
    assertThat(ports())
        .singleElement()
        .satisfies(state ->
            assertThat(state.endpoints())
                .containsExactly(
                    new Endpoint("10.244.1.2", 8080, true, true, true, false),
                    new Endpoint("10.244.2.3", 8080, false, true, true, false)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1", "127.1", "010.0.0.1"})
  void noTrafficGoesToWhatIsAMachinesOwn(String address) {
    tracker.serviceHandler().added(service("10.96.0.20", one -> one));
    tracker.sliceHandler().added(slice("web-1", "http", "n1", true, address));
    assertThat(ports()).singleElement().satisfies(state -> assertThat(state.endpoints()).isEmpty());
  }

  @Test
  void aPortThatIsNoneKeepsNoOthersBack() {
    tracker.serviceHandler().added(service("10.96.0.20", one -> one));
    EndpointSlice slice = slice("web-1", "http", "n1", true, "10.244.1.2");
    slice.getPorts().forEach(port -> port.setPort(99_999));
    tracker.sliceHandler().added(slice);
    assertThat(ports()).singleElement().satisfies(state -> assertThat(state.endpoints()).isEmpty());
  }

  @Test
  void onlyWhatChangedIsReportedAndOnlyOnce() {
    tracker.serviceHandler().added(service("10.96.0.20", one -> one));
    tracker.takeChanges();
    assertThat(tracker.takeChanges()).isEmpty();

    Service same = service("10.96.0.20", one -> one);
    tracker.serviceHandler().updated(same, same);
    assertThat(tracker.takeChanges()).as("a heartbeat is no change").isEmpty();
    assertThat(changes).hasValue(1);

    tracker.serviceHandler().deleted(same);
    assertThat(tracker.takeChanges()).containsExactly(Map.entry(WEB, List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"None", "", "10.96.0.10", "fd00::1", "999.1.1.1"})
  void aServiceWithoutAnAddressOfOursHasNoPorts(String clusterIp) {
    tracker.serviceHandler().added(service(clusterIp, one -> one));
    assertThat(tracker.takeChanges()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless"})
  void whatIsNotOursToServeIsLeftAlone(String label) {
    Service ours = service("10.96.0.20", one -> one);
    Service theirs = service("10.96.0.20", one -> one);
    theirs.getMetadata().setLabels(Map.of(label, ""));
    tracker.serviceHandler().added(theirs);
    assertThat(tracker.takeChanges()).isEmpty();

    tracker.serviceHandler().updated(theirs, ours);
    EndpointSlice slice = slice("web-1", "http", "n1", true, "10.244.1.2");
    EndpointSlice labelled = slice("web-1", "http", "n1", true, "10.244.1.2");
    labelled.getMetadata().getLabels().put(label, "");
    tracker.sliceHandler().added(slice);
    assertThat(ports())
        .singleElement()
        .satisfies(state -> assertThat(state.endpoints()).hasSize(1));
    tracker.sliceHandler().updated(slice, labelled);
    assertThat(ports()).singleElement().satisfies(state -> assertThat(state.endpoints()).isEmpty());

    tracker.serviceHandler().updated(ours, theirs);
    assertThat(tracker.takeChanges()).containsExactly(Map.entry(WEB, List.of()));
  }

  @Test
  void policiesAffinityAndAddressesAreRead() {
    tracker
        .serviceHandler()
        .added(
            service(
                "10.96.0.20",
                one ->
                    one.withType("LoadBalancer")
                        .withInternalTrafficPolicy("Local")
                        .withExternalTrafficPolicy("Local")
                        .withSessionAffinity("ClientIP")
                        .withExternalIPs("192.0.2.7", "not-an-address; -j ACCEPT")
                        .withLoadBalancerSourceRanges("203.0.113.0/24", "bad")));
    assertThat(ports())
        .singleElement()
        .satisfies(state -> {
          ServicePort port = state.port();
          assertThat(port.internalLocal()).isTrue();
          assertThat(port.externalLocal()).isTrue();
          assertThat(port.affinitySeconds()).isEqualTo(10_800);
          assertThat(port.externalIps()).containsExactly("192.0.2.7");
          assertThat(port.sourceRanges()).containsExactly("203.0.113.0/24");
        });
  }

  @Test
  void aSliceThatMovesToAnotherServiceLeavesTheFirst() {
    tracker.serviceHandler().added(service("10.96.0.20", one -> one));
    EndpointSlice before = slice("web-1", "http", "n1", true, "10.244.1.2");
    tracker.sliceHandler().added(before);
    tracker.takeChanges();
    EndpointSlice after = slice("web-1", "http", "n1", true, "10.244.1.2");
    after.getMetadata().setLabels(Map.of("kubernetes.io/service-name", "other"));
    tracker.sliceHandler().updated(before, after);
    assertThat(ports()).singleElement().satisfies(one -> assertThat(one.endpoints()).isEmpty());
  }

  @Test
  void endpointsThatDrainServeOnlyWhenNobodyElseDoes() {
    PortState state =
        new PortState(
            new ServicePort(
                new ServicePortName("shop", "web", ""),
                Protocol.TCP,
                "10.96.0.20",
                80,
                0,
                List.of(),
                List.of(),
                List.of(),
                0,
                false,
                false),
            List.of(
                new Endpoint("10.244.1.2", 80, true, false, true, true),
                new Endpoint("10.244.1.3", 80, true, false, false, true),
                new Endpoint("10.244.2.4", 80, false, true, true, false)));
    assertThat(state.clusterEndpoints())
        .extracting(Endpoint::address)
        .containsExactly("10.244.2.4");
    assertThat(state.localEndpoints()).extracting(Endpoint::address).containsExactly("10.244.1.2");
  }

  @Test
  void endpointsThatAreHintedToBeNearAreEnough() {
    tracker.serviceHandler().added(service("10.96.0.20", one -> one));
    tracker.sliceHandler().added(hinted("web-1", "10.244.1.2", "n1", "a"));
    tracker.sliceHandler().added(hinted("web-2", "10.244.2.3", "n2", "a"));
    tracker.sliceHandler().added(hinted("web-3", "10.244.3.4", "n3", "b"));
    assertThat(used()).as("a node that has no zone, but an endpoint").containsExactly("10.244.1.2");

    tracker.sliceHandler().deleted(hinted("web-1", "10.244.1.2", "n1", "a"));
    assertThat(used()).as("no zone, no endpoint").containsExactly("10.244.2.3", "10.244.3.4");
    Node node =
        new NodeBuilder()
            .withNewMetadata()
            .withName("n1")
            .addToLabels("topology.kubernetes.io/zone", "b")
            .endMetadata()
            .build();
    tracker.nodeHandler().added(node);
    assertThat(used()).containsExactly("10.244.3.4");

    tracker.sliceHandler().added(slice("web-4", "http", "n4", true, "10.244.4.5"));
    assertThat(used()).as("one without hint").hasSize(3);
  }

  private List<String> used() {
    return ports().getFirst().clusterEndpoints().stream().map(Endpoint::address).toList();
  }

  private static EndpointSlice hinted(String name, String address, String node, String zone) {
    return new EndpointSliceBuilder(slice(name, "http", node, true, address))
        .editFirstEndpoint()
        .withNewHints()
        .addNewForNode(node)
        .addNewForZone(zone)
        .endHints()
        .endEndpoint()
        .build();
  }

  private List<PortState> ports() {
    return tracker.takeChanges().getOrDefault(WEB, List.of());
  }

  private static Service service(
      String clusterIp,
      UnaryOperator<ServiceFluent<ServiceBuilder>.SpecNested<ServiceBuilder>> spec) {
    return spec.apply(
            new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP(clusterIp)
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(80)
                .endPort())
        .endSpec()
        .build();
  }

  private static EndpointSlice slice(
      String name,
      String port,
      String node,
      @org.jspecify.annotations.Nullable Boolean ready,
      String address) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName(name)
        .addToLabels("kubernetes.io/service-name", "web")
        .endMetadata()
        .withAddressType("IPv4")
        .withEndpoints(
            new EndpointBuilder()
                .withAddresses(address)
                .withNodeName(node)
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .build())
        .addNewPort()
        .withName(port)
        .withProtocol("TCP")
        .withPort(8080)
        .endPort()
        .build();
  }
}
