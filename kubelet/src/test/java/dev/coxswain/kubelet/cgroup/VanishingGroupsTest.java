package dev.coxswain.kubelet.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VanishingGroupsTest {
  private static final int CONTAINERS = 20;

  @TempDir private Path mount;

  @Test
  void whatTheRuntimeRemovesMeanwhileIsNoFailure() throws Exception {
    Path pod = mount.resolve("cpu/kubepods/podgone");
    PodCgroups cgroups = new PodCgroups(mount, "/", 0);
    for (int round = 0; round < 30; round++) {
      for (int container = 0; container < CONTAINERS; container++) {
        Files.createDirectories(pod.resolve("c" + container + "/inner"));
      }
      Thread runtime = Thread.ofVirtual().start(() -> removeContainers(pod));
      cgroups.remove("gone");
      runtime.join();
      assertThat(pod).doesNotExist();
    }
  }

  private static void removeContainers(Path pod) {
    try {
      for (int container = CONTAINERS - 1; container >= 0; container--) {
        Files.deleteIfExists(pod.resolve("c" + container + "/inner"));
        Files.deleteIfExists(pod.resolve("c" + container));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
