package dev.coxswain.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StaleDisruptionControllerTest {
  private final Simulation simulation = new Simulation(9, new StaleDisruptionController());
  private final Story<Pod> story = new Story<>(simulation, Pod.class);

  @Test
  void whatWasAnnouncedAndNotDoneIsTakenBack() {
    announce("EvictionByEvictionAPI", "Running");
    simulation.pass(Duration.ofSeconds(30));
    assertThat(target().getStatus()).isEqualTo("True");
    simulation.pass(Duration.ofSeconds(90));
    assertThat(target().getStatus()).isEqualTo("False");
    assertThat(target().getReason()).isNull();
    assertThat(Pods.ready(story.stored())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"TerminationByKubelet, Running", "EvictionByEvictionAPI, Failed"})
  void whatIsBeingDoneOrWasDoneStands(String reason, String phase) {
    announce(reason, phase);
    simulation.pass(Duration.ofMinutes(10));
    assertThat(target().getStatus()).isEqualTo("True");
  }

  private void announce(String reason, String phase) {
    simulation.restart();
    Pod pod = story.create(Workloads.usingData("web", "node-1"));
    story.changePod(
        pod,
        found ->
            new PodBuilder(found)
                .withNewStatus()
                .withPhase(phase)
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason(reason)
                .withLastTransitionTime(Meta.timestamp(simulation.time().now()))
                .endCondition()
                .endStatus()
                .build());
  }

  private PodCondition target() {
    return Pods.condition(story.stored(), "DisruptionTarget").orElseThrow();
  }
}
