package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.deploy.pki.Pki;
import dev.coxswain.runtime.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DaemonArgumentsTest {
  @TempDir Path directory;

  @Test
  void nodesThatShareADiskGoByWhatIsLeftOfIt() {
    assertThat(shared())
        .anyMatch(
            flag -> flag.startsWith("--eviction-hard=") && flag.contains("nodefs.available<1Gi"))
        .noneMatch(flag -> flag.startsWith("--config="));
  }

  @Test
  void thresholdsOfTheUsersOwnDecide() throws IOException {
    Path file = new Home(directory).kubeletConfiguration();
    Files.writeString(file, "maxPods: 40\n");
    assertThat(shared())
        .contains("--config=" + file)
        .anyMatch(flag -> flag.startsWith("--eviction-hard="));
    Files.writeString(file, "evictionHard: {nodefs.available: 50Mi}\n");
    assertThat(shared())
        .contains("--config=" + file)
        .noneMatch(flag -> flag.startsWith("--eviction-hard="));
  }

  private List<String> shared() {
    var home = new Home(directory);
    var spec = new ClusterSpec("00000a", 10, 6443, 1, 1, null);
    return new DaemonArguments(home, spec, new Pki(home.pki(), new SystemTime()))
        .kubeletOnSharedDisk(spec.nodeMachines().getFirst());
  }
}
