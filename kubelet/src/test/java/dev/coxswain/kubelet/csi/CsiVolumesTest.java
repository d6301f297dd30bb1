package dev.coxswain.kubelet.csi;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.kubelet.volume.DriverVolume;
import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.CSIVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSIDriverBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What drivers offer: volumes of their own life, or of their pods'. */
final class CsiVolumesTest {
  private static final DriverVolume INLINE =
      new DriverVolume.Inline(new Pod(), "scratch", new CSIVolumeSource());
  private static final DriverVolume CLAIMED =
      new DriverVolume.Claimed(
          new Pod(),
          "data",
          false,
          new PersistentVolume(),
          new CSIPersistentVolumeSource(),
          new PersistentVolumeClaim());

  @Test
  void whoSaysNothingOffersPersistentVolumesAlone() {
    check(CLAIMED, Optional.empty());
    check(CLAIMED, offering());
    refused(INLINE, Optional.empty(), "\"Ephemeral\"", "(no CSIDriver object)");
    refused(INLINE, offering(), "\"Ephemeral\"", "(only supports [\"Persistent\"])");
  }

  @Test
  void whatADriverDoesNotOfferIsNotAskedOfIt() {
    check(INLINE, offering("Ephemeral"));
    check(CLAIMED, offering("Persistent", "Ephemeral"));
    refused(CLAIMED, offering("Ephemeral"), "\"Persistent\"", "(only supports [\"Ephemeral\"])");
  }

  private static void check(DriverVolume wanted, Optional<CSIDriver> declared) {
    assertThatCode(() -> CsiVolumes.checkLifecycle("d.example.com", wanted, declared))
        .doesNotThrowAnyException();
  }

  private static void refused(
      DriverVolume wanted, Optional<CSIDriver> declared, String mode, String why) {
    assertThatThrownBy(() -> CsiVolumes.checkLifecycle("d.example.com", wanted, declared))
        .hasMessage("volume mode " + mode + " not supported by driver d.example.com " + why);
  }

  private static Optional<CSIDriver> offering(String... modes) {
    return Optional.of(
        new CSIDriverBuilder().withNewSpec().withVolumeLifecycleModes(modes).endSpec().build());
  }
}
