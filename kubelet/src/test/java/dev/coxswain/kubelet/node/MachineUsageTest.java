package dev.coxswain.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MachineUsageTest {
  private static final List<String> MEMORY =
      List.of("MemTotal:       1000 kB", "MemFree:   1 kB", "MemAvailable:    400 kB");

  @Test
  void countsWhatIsNeitherIdleNorWaiting() throws IOException {
    MachineUsage usage =
        MachineUsage.parse(List.of("cpu  10 20 30 4000 5000 1 2 3 10 0", "cpu0 1 1"), MEMORY);
    assertThat(usage.cpuNanos()).isEqualTo(66 * 10_000_000L);
    assertThat(usage.memoryAvailableBytes()).isEqualTo(400 * 1024);
    assertThat(usage.memoryUsedBytes()).isEqualTo(600 * 1024);
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> MachineUsage.parse(List.of("intr 1"), MEMORY))
        .hasMessage("the kernel does not say cpu");
  }
}
