package dev.coxswain.kubelet.csi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.volume.DriverVolume;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FsGroupTest {
  private final Driver driver =
      new Driver(
          "disks.example.com", "n1", 0, Map.of(), Set.of(), new NodePlugin("/nowhere/disks.sock"));

  @AfterEach
  void close() {
    driver.plugin().close();
  }

  @Test
  void whatOneNodeOrPodWritesIsGivenToItsGroup() {
    assertThat(applies("ReadWriteOnce", "ext4")).isTrue();
    assertThat(applies("ReadWriteOncePod", "ext4")).isTrue();
    assertThat(applies("ReadWriteMany", "ext4")).isFalse();
    assertThat(applies("ReadOnlyMany", "ext4")).isFalse();
    assertThat(applies("ReadWriteOncePod", "")).as("of no known file system").isFalse();
  }

  private boolean applies(String mode, String fileSystem) {
    Pod pod =
        new PodBuilder()
            .withNewSpec()
            .withNewSecurityContext()
            .withFsGroup(1000L)
            .endSecurityContext()
            .endSpec()
            .build();
    PersistentVolume volume =
        new PersistentVolumeBuilder()
            .withNewSpec()
            .withAccessModes(mode)
            .withNewCsi()
            .withDriver("disks.example.com")
            .withFsType(fileSystem)
            .endCsi()
            .endSpec()
            .build();
    return FsGroup.applies(
        new DriverVolume.Claimed(
            pod, "data", false, volume, volume.getSpec().getCsi(), new PersistentVolumeClaim()),
        driver,
        Optional.empty());
  }
}
