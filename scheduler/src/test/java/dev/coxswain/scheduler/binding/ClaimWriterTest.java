package dev.coxswain.scheduler.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.PodReader;
import dev.coxswain.scheduler.model.StorageReader;
import dev.coxswain.scheduler.snapshot.VolumePlan;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who cannot wait for volumes leaves nothing behind that waits. */
final class ClaimWriterTest {
  private static final VolumePlan PLAN =
      new VolumePlan(Map.of(), List.of(new ObjectKey("default", "data")));

  private final FakeApi api = new FakeApi(new ManualTime(), Randomness.seeded(1));
  private final WaitingPods waiting = new WaitingPods();
  private final Informer<Pod> pods = api.informer(Pod.class);
  private final Informer<PersistentVolumeClaim> claims = api.informer(PersistentVolumeClaim.class);
  private final ClaimWriter writer = new ClaimWriter(api, claims, waiting, pods);

  private PodInfo pod() {
    return PodReader.read(
        api.seed(
            Pod.class,
            new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build()));
  }

  @Test
  void aPodThatWasDeletedBeforeItWaitsDoesNotWait() {
    PodInfo pod = pod();
    assertThatThrownBy(() -> writer.write(pod, "n1", PLAN, Duration.ofMinutes(10)))
        .hasMessage("binding volumes: the pod was deleted");
    assertThat(waiting.all()).isEmpty();
  }

  @Test
  void aPodIsNotBoundWhereItsNewVolumeCannotBeReached() throws InterruptedException {
    for (String name : List.of("n1", "n2")) {
      api.seed(
          Node.class,
          new NodeBuilder()
              .withNewMetadata()
              .withName(name)
              .addToLabels("kubernetes.io/hostname", name)
              .endMetadata()
              .build());
      api.seed(PersistentVolumeClaim.class, madeFor(name));
    }
    api.seed(PersistentVolume.class, volumeOnN2());
    PodInfo pod = pod();
    pods.start();
    claims.start();
    api.deliverAll();
    assertThatThrownBy(() -> writer.write(pod, "n1", plan("n1"), Duration.ofMinutes(10)))
        .hasMessage(
            "binding volumes: pv \"v\" node affinity doesn't match node \"n1\": no matching"
                + " NodeSelectorTerms");
    writer.write(pod, "n2", plan("n2"), Duration.ofMinutes(10));
    assertThat(waiting.all()).isEmpty();
  }

  private static VolumePlan plan(String claim) {
    return new VolumePlan(Map.of(), List.of(new ObjectKey("default", claim)));
  }

  /** A claim that goes by its node's name and has its volume. */
  private static PersistentVolumeClaim madeFor(String node) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName(node)
        .addToAnnotations(StorageReader.SELECTED_NODE, node)
        .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
        .endMetadata()
        .withNewSpec()
        .withVolumeName("v")
        .endSpec()
        .build();
  }

  private static PersistentVolume volumeOnN2() {
    return new PersistentVolumeBuilder()
        .withNewMetadata()
        .withName("v")
        .endMetadata()
        .withNewSpec()
        .withNewNodeAffinity()
        .withNewRequired()
        .addNewNodeSelectorTerm()
        .addNewMatchExpression()
        .withKey("kubernetes.io/hostname")
        .withOperator("In")
        .withValues("n2")
        .endMatchExpression()
        .endNodeSelectorTerm()
        .endRequired()
        .endNodeAffinity()
        .endSpec()
        .build();
  }

  @Test
  void whoseClaimIsGoneDoesNotWait() {
    pods.start();
    PodInfo pod = pod();
    api.deliverAll();
    assertThatThrownBy(() -> writer.write(pod, "n1", PLAN, Duration.ofMinutes(10)))
        .hasMessage("binding volumes: default/data is gone");
    assertThat(waiting.all()).isEmpty();
  }
}
