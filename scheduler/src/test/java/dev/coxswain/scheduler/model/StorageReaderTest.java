package dev.coxswain.scheduler.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import org.junit.jupiter.api.Test;

/** What objects of storage mean for where pods go. */
final class StorageReaderTest {
  private static final String CLASS = "volume.beta.kubernetes.io/storage-class";

  @Test
  void aClassMayBeNamedByTheAnnotationOfOld() {
    assertThat(StorageReader.claim(claim()).storageClass()).isEqualTo("old");
    assertThat(
            StorageReader.volume(
                    new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName("v")
                        .addToAnnotations(CLASS, "old")
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build())
                .storageClass())
        .isEqualTo("old");
  }

  @Test
  void aVolumeThatIsKeptForAClaimSuitsItInTheSameModeOnly() {
    StorageObject.Claim claim = StorageReader.claim(claim());
    assertThat(kept("Filesystem").suits(claim)).isTrue();
    assertThat(kept("Block").suits(claim)).isFalse();
  }

  private static StorageObject.Volume kept(String mode) {
    return StorageReader.volume(
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName("v")
            .endMetadata()
            .withNewSpec()
            .withVolumeMode(mode)
            .withNewClaimRef()
            .withNamespace("default")
            .withName("data")
            .endClaimRef()
            .endSpec()
            .build());
  }

  private static PersistentVolumeClaim claim() {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName("data")
        .addToAnnotations(CLASS, "old")
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }
}
