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
import dev.coxswain.scheduler.snapshot.VolumePlan;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
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
  private final ClaimWriter writer =
      new ClaimWriter(api, api.informer(PersistentVolumeClaim.class), waiting, pods);

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
  void whoseClaimIsGoneDoesNotWait() {
    pods.start();
    PodInfo pod = pod();
    api.deliverAll();
    assertThatThrownBy(() -> writer.write(pod, "n1", PLAN, Duration.ofMinutes(10)))
        .hasMessage("binding volumes: default/data is gone");
    assertThat(waiting.all()).isEmpty();
  }
}
