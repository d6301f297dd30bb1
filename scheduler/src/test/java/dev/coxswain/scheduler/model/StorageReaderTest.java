package dev.coxswain.scheduler.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import org.junit.jupiter.api.Test;

final class StorageReaderTest {
  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  @Test
  void theAnnotationOfOldNamesAClass() {
    var claim =
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withNamespace("default")
            .withName("data")
            .addToAnnotations(OLD_CLASS, "gold")
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build();
    assertThat(StorageReader.claim(claim).storageClass()).isEqualTo("gold");
    var volume =
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName("one")
            .addToAnnotations(OLD_CLASS, "gold")
            .endMetadata()
            .withNewSpec()
            .withStorageClassName("silver")
            .endSpec()
            .build();
    assertThat(StorageReader.volume(volume).storageClass()).isEqualTo("gold");
  }
}
