package dev.coxswain.controllers.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaderAnnotatorTest {
  private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
  private static final ZonedDateTime BEGINNING = ZonedDateTime.parse("2026-01-01T00:00:00.123456Z");

  private Simulation simulation = new Simulation(4, new LeaderAnnotator());
  private Story<Lease> story = new Story<>(simulation, Lease.class);

  @Test
  void whoLeadsIsToldWhereItWasBeforeThereWereLeases() {
    begin("kube-scheduler");
    assertThat(annotation())
        .isEqualTo(
            "{\"holderIdentity\":\"one\",\"leaseDurationSeconds\":6,"
                + "\"acquireTime\":\"2026-01-01T00:00:00Z\",\"renewTime\":\"2026-01-01T00:00:00Z\","
                + "\"leaderTransitions\":0}");
    lead("two", 1);
    simulation.settle();
    assertThat(annotation())
        .contains("\"holderIdentity\":\"two\"")
        .contains("\"leaderTransitions\":1");
  }

  @Test
  void aRenewalWritesNothing() {
    begin("kube-scheduler");
    String version = endpoints().getFirst().getMetadata().getResourceVersion();
    story.change(lease ->
        new LeaseBuilder(lease)
            .editSpec()
            .withRenewTime(BEGINNING.plusMinutes(1))
            .endSpec()
            .build());
    simulation.settle();
    assertThat(endpoints().getFirst().getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void otherLeasesAreNoBusinessOfIts() {
    begin("somebody-elses");
    assertThat(endpoints()).isEmpty();
  }

  @Test
  void theLastLeaderIsToldInTheEndWhateverFails() {
    for (long seed = 0; seed < 20; seed++) {
      simulation = new Simulation(seed, new LeaderAnnotator());
      story = new Story<>(simulation, Lease.class);
      begin("kube-controller-manager");
      lead("two", 1);
      simulation.storm(50, FakeFaults.SOME, () -> {});
      simulation.restart();
      simulation.settle();
      assertThat(annotation()).as(simulation.recent()).contains("\"two\"");
    }
  }

  private void begin(String name) {
    simulation.restart();
    simulation
        .api()
        .resource(Namespace.class)
        .create(
            new NamespaceBuilder().withNewMetadata().withName("kube-system").endMetadata().build());
    story.create(
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace("kube-system")
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withHolderIdentity("one")
            .withLeaseDurationSeconds(6)
            .withAcquireTime(BEGINNING)
            .withRenewTime(BEGINNING)
            .withLeaseTransitions(0)
            .endSpec()
            .build());
    simulation.settle();
  }

  private void lead(String holder, int transitions) {
    story.change(lease ->
        new LeaseBuilder(lease)
            .editSpec()
            .withHolderIdentity(holder)
            .withLeaseTransitions(transitions)
            .endSpec()
            .build());
  }

  private List<Endpoints> endpoints() {
    return simulation.stored(Endpoints.class);
  }

  private String annotation() {
    assertThat(endpoints()).hasSize(1);
    return Meta.annotations(endpoints().getFirst()).getOrDefault(LEADER, "");
  }
}
