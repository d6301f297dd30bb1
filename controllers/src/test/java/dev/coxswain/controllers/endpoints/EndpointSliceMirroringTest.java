package dev.coxswain.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EndpointSliceMirroringTest {
  private Simulation simulation = new Simulation(2, new EndpointSliceMirroringController());
  private Story<Endpoints> story = new Story<>(simulation, Endpoints.class);

  @Test
  void handMadeEndpointsAreCopied() {
    simulation.restart();
    service(false);
    story.create(endpoints("10.1.2.3"));
    simulation.settle();
    EndpointSlice slice = slices().getFirst();
    assertThat(slices()).hasSize(1);
    assertThat(Meta.labels(slice))
        .containsEntry("kubernetes.io/service-name", "elsewhere")
        .containsEntry(
            "endpointslice.kubernetes.io/managed-by", "endpointslicemirroring-controller.k8s.io");
    assertThat(Owners.controls(story.stored(), slice)).isTrue();
    assertThat(slice.getEndpoints().getFirst().getAddresses()).containsExactly("10.1.2.3");
    assertThat(slice.getPorts().getFirst().getPort()).isEqualTo(80);

    story.change(endpoints ->
        new EndpointsBuilder(endpoints)
            .editFirstSubset()
            .editFirstAddress()
            .withIp("10.2.3.4")
            .endAddress()
            .endSubset()
            .build());
    simulation.settle();
    assertThat(slices()).hasSize(1);
    assertThat(slices().getFirst().getEndpoints().getFirst().getAddresses())
        .containsExactly("10.2.3.4");
  }

  @Test
  void whatASelectorMakesOrWhatAsksNotToBeIsNotCopied() {
    simulation.restart();
    service(true);
    story.create(endpoints("10.1.2.3"));
    simulation.settle();
    assertThat(slices()).isEmpty();

    simulation = new Simulation(3, new EndpointSliceMirroringController()).restart();
    story = new Story<>(simulation, Endpoints.class);
    service(false);
    story.create(endpoints("10.1.2.3"));
    simulation.settle();
    assertThat(slices()).hasSize(1);
    story.change(endpoints ->
        new EndpointsBuilder(endpoints)
            .editMetadata()
            .addToLabels("endpointslice.kubernetes.io/skip-mirror", "true")
            .endMetadata()
            .build());
    simulation.settle();
    assertThat(slices()).isEmpty();
  }

  @Test
  void oneSliceInTheEndWhateverFails() {
    for (long seed = 0; seed < 20; seed++) {
      simulation = new Simulation(seed, new EndpointSliceMirroringController()).restart();
      story = new Story<>(simulation, Endpoints.class);
      simulation.calmly(() -> {
        service(false);
        return true;
      });
      story.create(endpoints("10.1.2.3"));
      simulation.storm(100, FakeFaults.SOME, () -> {});
      simulation.restart();
      simulation.settle();
      assertThat(slices()).as(simulation.recent()).hasSize(1);
    }
  }

  private List<EndpointSlice> slices() {
    return simulation.stored(EndpointSlice.class);
  }

  private void service(boolean selects) {
    var service =
        new ServiceBuilder()
            .withNewMetadata()
            .withName("elsewhere")
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .endSpec();
    if (selects) {
      service.editSpec().addToSelector("app", "web").endSpec();
    }
    simulation.api().resource(Service.class).create(service.build());
  }

  private static Endpoints endpoints(String address) {
    return new EndpointsBuilder()
        .withNewMetadata()
        .withName("elsewhere")
        .withNamespace("default")
        .endMetadata()
        .addNewSubset()
        .addNewAddress()
        .withIp(address)
        .endAddress()
        .addNewPort()
        .withName("http")
        .withPort(80)
        .withProtocol("TCP")
        .endPort()
        .endSubset()
        .build();
  }
}
