package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSourceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MemoryVolumesTest {
  private static final long MEBI = 1L << 20;
  private static final Map<String, Quantity> NODE = Map.of("memory", new Quantity("1Gi"));

  @Test
  void aVolumeIsNeverLargerThanWhatItsPodMayUse() {
    assertThat(MemoryVolumes.size(source("64Mi"), pod("128Mi"), NODE)).hasValue(64 * MEBI);
    assertThat(MemoryVolumes.size(source("64Mi"), pod("32Mi"), NODE)).hasValue(32 * MEBI);
    assertThat(MemoryVolumes.size(source("2Gi"), pod(""), NODE)).hasValue(1024 * MEBI);
    assertThat(MemoryVolumes.size(source(""), pod("128Mi"), NODE)).hasValue(128 * MEBI);
    assertThat(MemoryVolumes.size(source(""), pod(""), NODE)).hasValue(1024 * MEBI);
  }

  @Test
  void zeroIsNoLimit() {
    assertThat(MemoryVolumes.size(source("0"), pod(""), NODE)).hasValue(1024 * MEBI);
    assertThat(MemoryVolumes.size(source("0"), pod(""), Map.of())).isEmpty();
  }

  private static EmptyDirVolumeSource source(String limit) {
    return new EmptyDirVolumeSourceBuilder()
        .withMedium("Memory")
        .withSizeLimit(limit.isEmpty() ? null : new Quantity(limit))
        .build();
  }

  private static Pod pod(String limit) {
    Map<String, Quantity> limits =
        limit.isEmpty() ? Map.of() : Map.of("memory", new Quantity(limit));
    return new PodBuilder()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withNewResources()
        .withLimits(limits)
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }
}
