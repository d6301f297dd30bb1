package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HugePageVolumesTest {

  @ParameterizedTest
  @CsvSource({"HugePages,true", "HugePages-2Mi,true", "Memory,false", "'',false", "Huge,false"})
  void theyAreKnownByTheirMedium(String medium, boolean known) {
    assertThat(HugePageVolumes.is(medium)).isEqualTo(known);
  }

  @Test
  void theSizeIsTheOneThatThePodAsksFor() throws IOException {
    assertThat(HugePageVolumes.options("HugePages", pod("hugepages-2Mi", "hugepages-2Mi")))
        .isEqualTo("pagesize=2097152");
    assertThat(HugePageVolumes.options("HugePages-1Gi", pod("hugepages-2Mi", "hugepages-1Gi")))
        .isEqualTo("pagesize=1073741824");
    assertThat(HugePageVolumes.options("HugePages-2048Ki", pod("hugepages-2Mi", "memory")))
        .isEqualTo("pagesize=2097152");
  }

  @Test
  void withoutAWordOfThePodsThereIsNone() {
    assertThatThrownBy(
            () -> HugePageVolumes.options("HugePages", pod("hugepages-2Mi", "hugepages-1Gi")))
        .hasMessage(
            "medium: HugePages can't be used if container requests multiple huge page sizes");
    assertThatThrownBy(() -> HugePageVolumes.options("HugePages", pod("memory", "cpu")))
        .hasMessage(
            "medium HugePages: hugePages storage requested, but there is no resource request for"
                + " huge pages");
    assertThatThrownBy(() -> HugePageVolumes.options("HugePages-1Gi", pod("hugepages-2Mi", "cpu")))
        .hasMessageStartingWith("medium HugePages-1Gi: hugePages storage requested");
    assertThatThrownBy(() -> HugePageVolumes.options("HugePages-big", pod("hugepages-2Mi", "cpu")))
        .hasMessage("\"big\" is not the size of a page");
  }

  /** A pod whose init container asks for the one, and whose container for the other. */
  private static Pod pod(String init, String main) {
    return new PodBuilder()
        .withNewSpec()
        .addNewInitContainer()
        .withNewResources()
        .withRequests(Map.of(init, new Quantity("4Mi")))
        .endResources()
        .endInitContainer()
        .addNewContainer()
        .withNewResources()
        .withRequests(Map.of(main, new Quantity("4Mi")))
        .endResources()
        .endContainer()
        .addNewContainer()
        .endContainer()
        .endSpec()
        .build();
  }
}
