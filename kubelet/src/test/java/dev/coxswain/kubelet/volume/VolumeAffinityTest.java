package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import org.junit.jupiter.api.Test;

final class VolumeAffinityTest {

  @Test
  void aVolumeIsHadWhereItIs() {
    PersistentVolume byName =
        new PersistentVolumeBuilder()
            .withNewSpec()
            .withNewNodeAffinity()
            .withNewRequired()
            .addNewNodeSelectorTerm()
            .withMatchFields(in("metadata.name", "node-1"))
            .endNodeSelectorTerm()
            .addNewNodeSelectorTerm()
            .withMatchExpressions(in("kubernetes.io/hostname", "node-2"), in("zone", "a"))
            .endNodeSelectorTerm()
            .endRequired()
            .endNodeAffinity()
            .endSpec()
            .build();
    assertThat(VolumeAffinity.admits(byName, "node-1")).isTrue();
    assertThat(VolumeAffinity.admits(byName, "node-2")).isTrue();
    assertThat(VolumeAffinity.admits(byName, "node-3")).isFalse();
  }

  @Test
  void oneWithoutAffinityIsHadEverywhere() {
    PersistentVolume anywhere = new PersistentVolumeBuilder().withNewSpec().endSpec().build();
    assertThat(VolumeAffinity.admits(anywhere, "node-3")).isTrue();
  }

  private static NodeSelectorRequirement in(String key, String value) {
    return new NodeSelectorRequirementBuilder()
        .withKey(key)
        .withOperator("In")
        .withValues(value)
        .build();
  }
}
