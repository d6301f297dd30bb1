package dev.coxswain.controllers.servicerange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceRangesTest {
  private Simulation simulation = simulation(1);

  private static Simulation simulation(long seed) {
    return Simulation.of(
        seed, List.of(ServiceRangeController::new, api -> new AddressRepairController()));
  }

  @BeforeEach
  void start() {
    simulation.api().serve(ServiceCIDR.class);
    simulation.api().serve(IPAddress.class);
    simulation.api().serve(Service.class);
    simulation.restart();
  }

  private void range(String name, String... cidrs) {
    simulation
        .api()
        .resource(ServiceCIDR.class)
        .create(
            new ServiceCIDRBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withCidrs(cidrs)
                .endSpec()
                .build());
    simulation.settle();
  }

  private void deleteRange(String name) {
    simulation
        .api()
        .resource(ServiceCIDR.class)
        .delete(ObjectKey.cluster(name), DeleteOptions.DEFAULT);
    simulation.settle();
  }

  private Service service(String name, String address) {
    return simulation
        .api()
        .resource(Service.class)
        .create(
            new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("team")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP(address)
                .withClusterIPs(address)
                .endSpec()
                .build());
  }

  private void deleteService(String name) {
    simulation
        .api()
        .resource(Service.class)
        .delete(new ObjectKey("team", name), DeleteOptions.DEFAULT);
    simulation.settle();
  }

  private Condition ready(String range) {
    return simulation
        .stored(ServiceCIDR.class, "", range)
        .orElseThrow()
        .getStatus()
        .getConditions()
        .getFirst();
  }

  @Test
  void aRangeIsSaidToBeReadyAndKeptByItsFinalizer() {
    range("more", "10.97.0.0/24");
    assertThat(ready("more").getStatus()).isEqualTo("True");
    assertThat(
            simulation
                .stored(ServiceCIDR.class, "", "more")
                .orElseThrow()
                .getMetadata()
                .getFinalizers())
        .containsExactly("networking.k8s.io/service-cidr-finalizer");
    deleteRange("more");
    assertThat(simulation.stored(ServiceCIDR.class)).isEmpty();
  }

  @Test
  void aDeletedRangeWaitsForTheAddressesThatNoOtherCovers() {
    range("more", "10.97.0.0/24");
    service("web", "10.97.0.7");
    simulation.settle();
    deleteRange("more");
    assertThat(ready("more").getStatus()).isEqualTo("False");
    assertThat(ready("more").getReason()).isEqualTo("Terminating");
    deleteService("web");
    assertThat(simulation.stored(ServiceCIDR.class)).isEmpty();
  }

  @Test
  void anotherRangeThatHasTheAddressesLetsItGo() {
    range("more", "10.97.0.0/24");
    service("web", "10.97.0.7");
    simulation.settle();
    deleteRange("more");
    range("same", "10.97.0.0/28");
    assertThat(simulation.stored(ServiceCIDR.class))
        .extracting(range -> range.getMetadata().getName())
        .containsExactly("same");
    // One that is on its way out itself covers nothing.
    range("again", "10.97.0.0/24");
    service("late", "10.97.0.200");
    simulation.settle();
    deleteRange("same");
    deleteRange("again");
    assertThat(simulation.stored(ServiceCIDR.class))
        .extracting(range -> range.getMetadata().getName())
        .containsExactly("again");
  }

  @Test
  void addressesThatSomebodyElseMadeHoldNoRange() {
    range("more", "10.97.0.0/24");
    simulation
        .api()
        .resource(IPAddress.class)
        .create(
            new IPAddressBuilder()
                .withNewMetadata()
                .withName("10.97.0.9")
                .endMetadata()
                .withNewSpec()
                .withNewParentRef()
                .withResource("services")
                .withNamespace("team")
                .withName("none")
                .endParentRef()
                .endSpec()
                .build());
    deleteRange("more");
    assertThat(simulation.stored(ServiceCIDR.class)).isEmpty();
    assertThat(simulation.stored(IPAddress.class)).hasSize(1);
  }

  @Test
  void anAddressThatWasTakenFromItsServiceComesBack() {
    service("web", "10.97.0.7");
    simulation.settle();
    simulation
        .api()
        .resource(IPAddress.class)
        .delete(ObjectKey.cluster("10.97.0.7"), DeleteOptions.DEFAULT);
    simulation.settle();
    IPAddress held = simulation.stored(IPAddress.class, "", "10.97.0.7").orElseThrow();
    assertThat(Addresses.service(held)).contains(new ObjectKey("team", "web"));
    assertThat(held.getMetadata().getLabels())
        .containsEntry("ipaddress.kubernetes.io/managed-by", "ipallocator")
        .containsEntry("ipaddress.kubernetes.io/ip-family", "IPv4");
  }

  @Test
  void anAddressOfAnotherIsTold() {
    service("web", "10.97.0.7");
    simulation.settle();
    service("twin", "10.97.0.7");
    simulation.settle();
    assertThat(simulation.events())
        .anyMatch(event -> event.reason().equals("ClusterIPAlreadyAllocated"));
    assertThat(simulation.stored(IPAddress.class, "", "10.97.0.7").flatMap(Addresses::service))
        .contains(new ObjectKey("team", "web"));
    // Once its holder is gone it is the other's.
    deleteService("web");
    assertThat(simulation.stored(IPAddress.class, "", "10.97.0.7").flatMap(Addresses::service))
        .contains(new ObjectKey("team", "twin"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void inAStormEveryServiceEndsWithItsAddressAndNoOtherIsLeft(long seed) {
    simulation = simulation(seed);
    start();
    range("more", "10.97.0.0/24");
    for (int i = 1; i <= 5; i++) {
      service("web-" + i, "10.97.0." + i);
    }
    simulation.storm(200, FakeFaults.SOME, () -> {});
    deleteService("web-1");
    deleteService("web-2");
    simulation.restart();
    simulation.settle();
    assertThat(simulation.stored(IPAddress.class))
        .extracting(address -> address.getMetadata().getName())
        .containsExactlyInAnyOrder("10.97.0.3", "10.97.0.4", "10.97.0.5");
    deleteRange("more");
    assertThat(simulation.stored(ServiceCIDR.class)).hasSize(1);
    List.of("web-3", "web-4", "web-5").forEach(this::deleteService);
    assertThat(simulation.stored(ServiceCIDR.class)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.97.0.0/24, 10.97.0.0, true",
    "10.97.0.0/24, 10.97.1.0, false",
    "10.97.0.0/23, 10.97.1.255, true",
    "10.97.0.0/24, 2001:db8::1, false",
    "2001:db8::/64, 2001:db8::1, true",
    "2001:db8::/64, 2001:db8:1::1, false",
    "0.0.0.0/0, 10.0.0.1, true"
  })
  void anAddressIsOfARange(String block, String address, boolean of) {
    assertThat(AddressBlock.parse(block).orElseThrow().contains(address)).isEqualTo(of);
  }
}
