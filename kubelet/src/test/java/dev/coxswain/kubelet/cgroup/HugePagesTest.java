package dev.coxswain.kubelet.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.cri.HugepageLimit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HugePagesTest {
  @Test
  void whatTheKernelSetAsideIsCountedBySize(@TempDir Path folder) throws IOException {
    setAside(folder, "hugepages-2048kB", 3);
    setAside(folder, "hugepages-1048576kB", 0);
    assertThat(HugePages.ofMachine(folder))
        .isEqualTo(Map.of("hugepages-2Mi", 6L << 20, "hugepages-1Gi", 0L));
    assertThat(HugePages.ofMachine(folder.resolve("none"))).isEmpty();
  }

  @Test
  void limitsAreToldInTheKernelsSizes() {
    Container container =
        new ContainerBuilder()
            .withNewResources()
            .addToLimits("hugepages-2Mi", new Quantity("4Mi"))
            .addToLimits("memory", new Quantity("4Mi"))
            .endResources()
            .build();
    assertThat(HugePages.limits(container))
        .containsExactly(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4L << 20).build());
    assertThat(HugePages.limits(new Container())).isEmpty();
  }

  private static void setAside(Path folder, String size, int pages) throws IOException {
    Files.writeString(
        Files.createDirectory(folder.resolve(size)).resolve("nr_hugepages"), pages + "\n");
  }
}
