package dev.coxswain.controllers.ephemeral;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EphemeralVolumeControllerTest {
  private final Simulation simulation =
      new Simulation(7, new EphemeralVolumeController()).restart();
  private final Story<Pod> story = new Story<>(simulation, Pod.class);

  @Test
  void aPodOwnsTheClaimThatIsMadeForIt() {
    story.create(pod());
    simulation.settle();
    PersistentVolumeClaim claim = simulation.stored(PersistentVolumeClaim.class).getFirst();
    assertThat(claim.getMetadata().getName()).isEqualTo("web-scratch");
    assertThat(claim.getMetadata().getLabels()).isEqualTo(Map.of("kind", "own"));
    assertThat(claim.getSpec().getStorageClassName()).isEqualTo("fast");
    assertThat(Owners.controls(story.stored(), claim)).isTrue();
    simulation
        .api()
        .resource(PersistentVolumeClaim.class)
        .delete(Meta.key(claim), new DeleteOptions(0L, null, null, null));
    simulation.settle();
    assertThat(simulation.stored(PersistentVolumeClaim.class)).as("made again").hasSize(1);
  }

  @Test
  void somebodyElsesClaimOfThatNameIsLeftAloneAndWaitedFor() {
    simulation
        .api()
        .resource(PersistentVolumeClaim.class)
        .create(
            new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName("web-scratch")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withStorageClassName("precious")
                .endSpec()
                .build());
    story.create(pod());
    simulation.settle();
    assertThat(simulation.stored(PersistentVolumeClaim.class))
        .extracting(claim -> claim.getSpec().getStorageClassName())
        .containsExactly("precious");
    assertThat(story.reasons()).contains("FailedEphemeralVolume");
    simulation
        .api()
        .resource(PersistentVolumeClaim.class)
        .delete(new ObjectKey("default", "web-scratch"), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(simulation.stored(PersistentVolumeClaim.class))
        .extracting(claim -> claim.getSpec().getStorageClassName())
        .containsExactly("fast");
  }

  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .addNewVolume()
        .withName("scratch")
        .withNewEphemeral()
        .withNewVolumeClaimTemplate()
        .withNewMetadata()
        .addToLabels("kind", "own")
        .endMetadata()
        .withNewSpec()
        .withStorageClassName("fast")
        .endSpec()
        .endVolumeClaimTemplate()
        .endEphemeral()
        .endVolume()
        .endSpec()
        .build();
  }
}
