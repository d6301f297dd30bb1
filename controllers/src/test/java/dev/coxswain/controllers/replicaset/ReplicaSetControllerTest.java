package dev.coxswain.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplicaSetControllerTest {
  private final Simulation simulation = new Simulation(1, new ReplicaSetController());

  @Test
  void createsWhatIsMissingUnderItsControlAndReportsIt() {
    simulation.actor(new PodLife(simulation)).restart();
    create(Workloads.replicaSet("web", 3));
    simulation.settle();
    assertThat(pods())
        .hasSize(3)
        .allSatisfy(pod -> {
          assertThat(Owners.controllerUid(pod)).isEqualTo(Meta.uid(web()));
          assertThat(Meta.name(pod)).matches("web-[a-z0-9]{5}");
          assertThat(pod.getMetadata().getGenerateName()).isEqualTo("web-");
          assertThat(Meta.labels(pod)).containsEntry("app", "web");
        });
    var status = web().getStatus();
    assertThat(status.getReplicas()).isEqualTo(3);
    assertThat(status.getReadyReplicas()).isEqualTo(3);
    assertThat(status.getAvailableReplicas()).isEqualTo(3);
    assertThat(status.getFullyLabeledReplicas()).isEqualTo(3);
    assertThat(status.getObservedGeneration()).isEqualTo(Meta.generation(web()));
    assertThat(simulation.events())
        .hasSize(3)
        .allMatch(event -> event.message().startsWith("Created pod: web-"));
  }

  @Test
  void replacesAPodThatWasDeletedOrFailed() {
    simulation.actor(new PodLife(simulation)).restart();
    create(Workloads.replicaSet("web", 2));
    simulation.settle();
    Pod gone = pods().getFirst();
    simulation.api().resource(Pod.class).delete(Meta.key(gone), DeleteOptions.DEFAULT);
    Pod failed = pods().getLast();
    simulation
        .api()
        .resource(Pod.class)
        .updateStatus(new PodBuilder(failed).editStatus().withPhase("Failed").endStatus().build());
    simulation.settle();
    assertThat(pods().stream().filter(Pods::active)).hasSize(2).doesNotContain(gone, failed);
  }

  @Test
  void scalesDownTheUnreadyFirst() {
    simulation
        .actor(new PodLife(simulation, pod -> !Meta.labels(pod).containsKey("slow")))
        .restart();
    create(Workloads.replicaSet("web", 3));
    simulation.settle();
    Pod slow = pods().get(1);
    simulation
        .api()
        .resource(Pod.class)
        .updateStatus(
            new PodBuilder(slow)
                .editStatus()
                .editFirstCondition()
                .withStatus("False")
                .endCondition()
                .endStatus()
                .build());
    simulation
        .api()
        .resource(Pod.class)
        .update(
            new PodBuilder(simulation.api().resource(Pod.class).find(Meta.key(slow)).orElseThrow())
                .editMetadata()
                .addToLabels("slow", "yes")
                .endMetadata()
                .build());
    simulation.settle();
    scale(2);
    simulation.settle();
    assertThat(pods()).hasSize(2).extracting(Meta::name).doesNotContain(Meta.name(slow));
  }

  @Test
  void adoptsAMatchingOrphanAndLetsGoWhatNoLongerMatches() {
    simulation.actor(new PodLife(simulation)).restart();
    Pod orphan =
        simulation
            .api()
            .resource(Pod.class)
            .create(
                new PodBuilder()
                    .withNewMetadata()
                    .withName("orphan")
                    .withNamespace("default")
                    .withLabels(Map.of("app", "web"))
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build());
    create(Workloads.replicaSet("web", 1));
    simulation.settle();
    assertThat(pods()).hasSize(1);
    assertThat(Owners.controllerUid(pods().getFirst())).isEqualTo(Meta.uid(web()));

    Pod adopted = simulation.stored(Pod.class, "default", Meta.name(orphan)).orElseThrow();
    simulation
        .api()
        .resource(Pod.class)
        .update(
            new PodBuilder(adopted)
                .editMetadata()
                .withLabels(Map.of("app", "debugged"))
                .endMetadata()
                .build());
    simulation.settle();
    Pod released = simulation.stored(Pod.class, "default", "orphan").orElseThrow();
    assertThat(Owners.of(released)).isEmpty();
    assertThat(pods()).hasSize(2);
  }

  @Test
  void becomesAvailableByTheMerePassingOfMinReadySeconds() {
    simulation.actor(new PodLife(simulation)).restart();
    ReplicaSet set = Workloads.replicaSet("web", 1);
    set.getSpec().setMinReadySeconds(300);
    create(set);
    simulation.settle();
    assertThat(web().getStatus().getReadyReplicas()).isEqualTo(1);
    assertThat(web().getStatus().getAvailableReplicas()).isNull();
    simulation.pass(Duration.ofSeconds(301));
    assertThat(web().getStatus().getAvailableReplicas()).isEqualTo(1);
  }

  @Test
  void tellsWhyPodsCannotBeCreatedAndForgetsItOnceTheyCan() {
    simulation.actor(new PodLife(simulation)).restart();
    create(Workloads.replicaSet("web", 1));
    // The first create is refused: its answer says that nobody is there.
    simulation.storm(40, new FakeFaults(1, 0, 0, 0), () -> {});
    assertThat(simulation.events())
        .anyMatch(event -> event.reason().equals("FailedCreate") && event.warning());
    simulation.settle();
    assertThat(web().getStatus().getConditions()).isEmpty();
    assertThat(pods()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void neverHasMorePodsThanWantedWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      var stormy = new Simulation(seed, new ReplicaSetController());
      stormy.actor(new PodLife(stormy));
      var wanted = new int[] {5};
      stormy.restart();
      stormy.api().resource(ReplicaSet.class).create(Workloads.replicaSet("web", 5));
      for (int round = 0; round < 4; round++) {
        int most = wanted[0];
        stormy.storm(
            150,
            FakeFaults.SOME,
            () ->
                assertThat(stormy.stored(Pod.class).stream().filter(Pods::active).count())
                    .isLessThanOrEqualTo(most));
        if (stormy.random().chance(0.5)) {
          stormy.restart();
        }
      }
      stormy.settle();
      assertThat(stormy.stored(Pod.class)).as(stormy.recent()).hasSize(5).allMatch(Pods::ready);
      assertThat(
              stormy
                  .stored(ReplicaSet.class, "default", "web")
                  .orElseThrow()
                  .getStatus()
                  .getAvailableReplicas())
          .isEqualTo(5);
    }
  }

  private void create(ReplicaSet set) {
    simulation.api().resource(ReplicaSet.class).create(set);
  }

  private ReplicaSet web() {
    return simulation.stored(ReplicaSet.class, "default", "web").orElseThrow();
  }

  private List<Pod> pods() {
    return simulation.stored(Pod.class);
  }

  private void scale(int replicas) {
    ReplicaSet current =
        simulation.api().resource(ReplicaSet.class).find(new ObjectKey("default", "web")).get();
    simulation
        .api()
        .resource(ReplicaSet.class)
        .update(new ReplicaSetBuilder(current).editSpec().withReplicas(replicas).endSpec().build());
  }
}
