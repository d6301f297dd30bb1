package dev.coxswain.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplicationControllerTest {
  private Simulation simulation = new Simulation(5, new ReplicationControllerController());
  private Story<ReplicationController> story = new Story<>(simulation, ReplicationController.class);

  @Test
  void keepsItsCountAndSaysSo() {
    begin();
    story.create(controller(3));
    simulation.settle();
    assertThat(story.pods())
        .hasSize(3)
        .allMatch(
            pod -> Owners.controller(pod).orElseThrow().getKind().equals("ReplicationController"));
    var status = story.stored().getStatus();
    assertThat(status.getReplicas()).isEqualTo(3);
    assertThat(status.getReadyReplicas()).isEqualTo(3);
    assertThat(status.getAvailableReplicas()).isEqualTo(3);
    story.change(
        rc -> new ReplicationControllerBuilder(rc).editSpec().withReplicas(1).endSpec().build());
    simulation.settle();
    assertThat(story.pods()).hasSize(1);
  }

  @Test
  void adoptsAndLetsGo() {
    begin();
    Pod orphan =
        simulation
            .api()
            .resource(Pod.class)
            .create(
                new PodBuilder()
                    .withNewMetadata()
                    .withName("orphan")
                    .withNamespace("default")
                    .addToLabels("app", "web")
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("main")
                    .endContainer()
                    .endSpec()
                    .build());
    story.create(controller(1));
    simulation.settle();
    assertThat(story.podNames()).containsExactly("orphan");
    Pod adopted = story.pods().getFirst();
    assertThat(Owners.controls(story.stored(), adopted)).isTrue();
    simulation
        .api()
        .resource(Pod.class)
        .update(
            new PodBuilder(adopted)
                .editMetadata()
                .addToLabels("app", "other")
                .endMetadata()
                .build());
    simulation.settle();
    assertThat(
            Owners.controller(
                simulation.stored(Pod.class, "default", Meta.name(orphan)).orElseThrow()))
        .isEmpty();
    assertThat(story.pods()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void neverTooManyAndEnoughInTheEndWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new ReplicationControllerController());
      story = new Story<>(simulation, ReplicationController.class);
      begin();
      story.create(controller(4));
      Runnable bound = () -> assertThat(story.activePods()).hasSizeLessThanOrEqualTo(4);
      simulation.storm(150, FakeFaults.SOME, bound);
      simulation.restart();
      simulation.settle(bound);
      assertThat(story.activePods()).as(simulation.recent()).hasSize(4);
    }
  }

  private void begin() {
    simulation.actor(new PodLife(simulation)).restart();
  }

  private static ReplicationController controller(int replicas) {
    return new ReplicationControllerBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .addToSelector("app", "web")
        .withTemplate(Workloads.template("web"))
        .endSpec()
        .build();
  }
}
