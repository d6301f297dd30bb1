package dev.coxswain.kubelet.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Control groups in a folder that stands for the kernel's. The kernel makes the files of a group
 * with the group; here they are made beforehand.
 */
final class PodCgroupsTest {
  private static final List<String> UNIFIED = List.of("cpu.weight", "cpu.max", "memory.max");
  private static final String GROUP = "kubepods/burstable/podu-1";

  @TempDir private Path mount;

  private static Pod pod(Map<String, Quantity> requests, Map<String, Quantity> limits) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("p")
        .withUid("u-1")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withNewResources()
        .withRequests(requests)
        .withLimits(limits)
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  private static Pod burstable() {
    return pod(
        Map.of("cpu", new Quantity("250m")),
        Map.of("cpu", new Quantity("500m"), "memory", new Quantity("64Mi")));
  }

  private String read(String file) throws IOException {
    return Files.readString(mount.resolve(file)).strip();
  }

  private void file(String path, String content) throws IOException {
    Files.createDirectories(mount.resolve(path).getParent());
    Files.writeString(mount.resolve(path), content);
  }

  /** The one hierarchy of cgroup v2. */
  final class Unified {
    private final PodCgroups cgroups;

    Unified() throws IOException {
      for (String group : List.of("", "kubepods/", "kubepods/burstable/", GROUP + "/")) {
        file(group + "cgroup.controllers", "cpuset cpu io memory pids");
        file(group + "cgroup.subtree_control", "");
      }
      for (String name : UNIFIED) {
        file(GROUP + "/" + name, "");
      }
      file(GROUP + "/pids.max", "");
      cgroups = new PodCgroups(mount, "/", 1024);
    }
  }

  @BeforeEach
  void nothingIsThere() {
    assertThat(mount).isEmptyDirectory();
  }

  @Test
  void theUnifiedHierarchyHoldsAllOfAPodsAmounts() throws IOException {
    PodCgroups cgroups = new Unified().cgroups;
    cgroups.create(burstable());
    assertThat(cgroups.parent(burstable())).isEqualTo("/" + GROUP);
    assertThat(read(GROUP + "/cpu.weight")).isEqualTo("10");
    assertThat(read(GROUP + "/cpu.max")).isEqualTo("50000 100000");
    assertThat(read(GROUP + "/memory.max")).isEqualTo(Long.toString(64L << 20));
    assertThat(read(GROUP + "/pids.max")).isEqualTo("1024");
    // Each level hands its controllers down; the last one written stands for all.
    for (String level : List.of("", "kubepods/", "kubepods/burstable/", GROUP + "/")) {
      assertThat(read(level + "cgroup.subtree_control")).as(level).isEqualTo("+io");
    }
  }

  @Test
  void aClassCountsForWhatItsPodsAskedFor() throws IOException {
    PodCgroups cgroups = new Unified().cgroups;
    for (String level : List.of("kubepods/besteffort/", "kubepods/besteffort/podu-1/")) {
      file(level + "cgroup.controllers", "cpu");
      file(level + "cgroup.subtree_control", "");
    }
    file("kubepods/burstable/cpu.weight", "100");
    file("kubepods/besteffort/cpu.weight", "100");
    cgroups.create(pod(Map.of(), Map.of()));
    assertThat(read("kubepods/besteffort/cpu.weight")).isEqualTo("1");
    cgroups.create(pod(Map.of("cpu", new Quantity("1")), Map.of()));
    assertThat(read("kubepods/burstable/cpu.weight")).isEqualTo("39");
    Pod other =
        new PodBuilder(pod(Map.of("cpu", new Quantity("1")), Map.of()))
            .editMetadata()
            .withUid("u-2")
            .endMetadata()
            .build();
    file("kubepods/burstable/podu-2/cgroup.controllers", "cpu");
    file("kubepods/burstable/podu-2/cgroup.subtree_control", "");
    cgroups.create(other);
    cgroups.create(other);
    assertThat(read("kubepods/burstable/cpu.weight")).isEqualTo("79");
    Files.delete(mount.resolve("kubepods/burstable/podu-2/cgroup.controllers"));
    Files.delete(mount.resolve("kubepods/burstable/podu-2/cgroup.subtree_control"));
    cgroups.remove("u-2");
    assertThat(read("kubepods/burstable/cpu.weight")).isEqualTo("39");
  }

  @Test
  void whatTheUnifiedHierarchyDoesNotLimitIsMax() throws IOException {
    PodCgroups cgroups = new Unified().cgroups;
    cgroups.create(pod(Map.of("cpu", new Quantity("1")), Map.of()));
    assertThat(read(GROUP + "/cpu.weight")).isEqualTo("39");
    assertThat(read(GROUP + "/cpu.max")).isEqualTo("max 100000");
    assertThat(read(GROUP + "/memory.max")).isEqualTo("max");
  }

  @Test
  void whereMemoryEndsAContainerDiesWholeIfTheKernelCanDoThat() throws IOException {
    PodCgroups split = new PodCgroups(mount, "/", 0);
    assertThat(split.ofEachContainer()).isEmpty();
    assertThat(new Unified().cgroups.ofEachContainer())
        .containsExactly(Map.entry("memory.oom.group", "1"));
  }

  @Test
  void aControllerThatAnOldGroupLacksIsNotAskedFor() throws IOException {
    PodCgroups cgroups = new Unified().cgroups;
    // "cpu" is part of "cpuset", and yet another controller.
    file("cgroup.controllers", "cpuset");
    cgroups.create(burstable());
    assertThat(read("cgroup.subtree_control")).isEqualTo("+cpuset");
  }

  @Test
  void liftedLimitsComeBack() throws IOException {
    PodCgroups cgroups = new Unified().cgroups;
    cgroups.create(burstable());
    cgroups.lift(burstable());
    assertThat(read(GROUP + "/cpu.max")).isEqualTo("max 100000");
    assertThat(read(GROUP + "/memory.max")).isEqualTo("max");
    cgroups.create(burstable());
    assertThat(read(GROUP + "/memory.max")).isEqualTo(Long.toString(64L << 20));
  }

  @Test
  void processesAreCountedAndFound() throws IOException {
    PodCgroups cgroups = new Unified().cgroups;
    file(GROUP + "/pids.current", "3\n");
    file(GROUP + "/container/cgroup.procs", "4711\n4712\n");
    assertThat(cgroups.processes(burstable())).isEqualTo(3);
    assertThat(cgroups.process(burstable())).hasValue(4711);
  }

  @Test
  void aPodsGroupIsRemovedWithItsContainers() throws IOException {
    file("cgroup.controllers", "cpu memory");
    Files.createDirectories(mount.resolve(GROUP + "/container"));
    PodCgroups cgroups = new PodCgroups(mount, "/", 0);
    cgroups.remove("u-1");
    assertThat(mount.resolve(GROUP)).doesNotExist();
    assertThat(mount.resolve("kubepods/burstable")).exists();
    cgroups.remove("u-1");
  }

  @Test
  void theSplitHierarchiesHoldAPodsAmountsByController() throws IOException {
    file("cpu/" + GROUP + "/cpu.shares", "");
    file("cpu/" + GROUP + "/cpu.cfs_quota_us", "");
    file("memory/" + GROUP + "/memory.limit_in_bytes", "");
    file("cpu/kubepods/burstable/cpu.shares", "1024");
    PodCgroups cgroups = new PodCgroups(mount, "/", 0);
    cgroups.create(burstable());
    assertThat(read("cpu/" + GROUP + "/cpu.shares")).isEqualTo("256");
    assertThat(read("cpu/kubepods/burstable/cpu.shares")).isEqualTo("256");
    assertThat(read("cpu/" + GROUP + "/cpu.cfs_quota_us")).isEqualTo("50000");
    assertThat(read("memory/" + GROUP + "/memory.limit_in_bytes"))
        .isEqualTo(Long.toString(64L << 20));
  }

  @Test
  void aControllerThatIsNotMountedIsNamed() throws IOException {
    Files.createDirectories(mount.resolve("memory"));
    PodCgroups cgroups = new PodCgroups(mount, "/", 0);
    assertThatThrownBy(() -> cgroups.create(burstable()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cgroup v1 controller cpu is not mounted");
  }

  @Test
  void whatOutlivedItsContainerIsKilled() throws Exception {
    Process leftBehind = new ProcessBuilder("sleep", "1000").start();
    Process another = new ProcessBuilder("sleep", "1000").start();
    try {
      file("cgroup.controllers", "cpu memory pids");
      file(GROUP + "/one/cgroup.procs", leftBehind.pid() + "\n");
      file(GROUP + "2/one/cgroup.procs", another.pid() + "\n");
      new PodCgroups(mount, "", 0).kill("u-1");
      assertThat(leftBehind.waitFor()).isEqualTo(137);
      assertThat(another.isAlive()).isTrue();
      new PodCgroups(mount, "", 0).kill("absent");
    } finally {
      leftBehind.destroyForcibly();
      another.destroyForcibly();
    }
  }
}
