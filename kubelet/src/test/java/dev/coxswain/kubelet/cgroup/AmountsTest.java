package dev.coxswain.kubelet.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.pod.QosClass;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AmountsTest {
  private static final long GIBI = 1L << 30;

  @Test
  void aContainerWithoutRequestsGetsTheLeast() {
    assertThat(alone("", "", "")).isEqualTo(new Amounts(2, 0, 0));
  }

  @Test
  void cpuIsSharesAndQuotaAndMemoryIsBytes() {
    assertThat(alone("500m", "1500m", "64Mi")).isEqualTo(new Amounts(512, 150_000, 64L << 20));
  }

  @Test
  void aLimitStandsForAMissingRequest() {
    assertThat(alone("", "1", "").shares()).isEqualTo(1024);
  }

  @Test
  void theQuotaIsNeverLessThanTheKernelTakes() {
    assertThat(alone("", "1m", "").quota()).isEqualTo(1000);
  }

  @Test
  void aPodHasALimitOnlyIfAllItsContainersHave() {
    Container limited = container("100m", "200m", "10Mi");
    assertThat(Amounts.of(pod(limited, limited))).isEqualTo(new Amounts(204, 40_000, 20L << 20));
    assertThat(Amounts.of(pod(limited, container("100m", "", ""))))
        .isEqualTo(new Amounts(204, 0, 0));
  }

  @Test
  void whatThePodSaysForItselfComesFirstAndIsTheLimitOfWhoHasNone() {
    Container free = container("100m", "", "");
    Container limited = container("100m", "200m", "10Mi");
    Pod pod =
        new PodBuilder(pod(free, limited))
            .editSpec()
            .withNewResources()
            .addToRequests("cpu", new Quantity("500m"))
            .addToLimits("memory", new Quantity("64Mi"))
            .endResources()
            .endSpec()
            .build();
    assertThat(Amounts.of(pod)).isEqualTo(new Amounts(512, 0, 64L << 20));
    assertThat(Amounts.of(pod, free)).isEqualTo(new Amounts(102, 0, 64L << 20));
    assertThat(Amounts.of(pod, limited)).isEqualTo(new Amounts(102, 20_000, 10L << 20));
    assertThat(QosClass.of(pod.getSpec())).isEqualTo(QosClass.BURSTABLE);
  }

  private static Amounts alone(String request, String limit, String memory) {
    Container container = container(request, limit, memory);
    return Amounts.of(pod(container), container);
  }

  @Test
  void thePodsOverheadIsAdded() {
    Pod pod =
        new PodBuilder(pod(container("100m", "100m", "10Mi")))
            .editSpec()
            .addToOverhead("memory", new Quantity("6Mi"))
            .endSpec()
            .build();
    assertThat(Amounts.of(pod).memory()).isEqualTo(16L << 20);
  }

  @Test
  void whoAskedForMoreMemoryIsKilledLater() {
    Container small = container("1m", "", "");
    assertThat(Amounts.oomScore(pod(container("", "", "")), small, GIBI)).isEqualTo(1000);
    Container guaranteed =
        new ContainerBuilder(container("1", "1", "512Mi"))
            .editResources()
            .addToRequests("memory", new Quantity("512Mi"))
            .endResources()
            .build();
    assertThat(Amounts.oomScore(pod(guaranteed), guaranteed, GIBI)).isEqualTo(-997);
    Container half =
        new ContainerBuilder(small)
            .editResources()
            .addToRequests("memory", new Quantity("512Mi"))
            .endResources()
            .build();
    assertThat(Amounts.oomScore(pod(half), half, GIBI)).isEqualTo(500);
  }

  @Test
  void whatTheNodeCannotDoWithoutIsKilledLast() {
    Container small = container("1m", "", "");
    Pod critical =
        new PodBuilder(pod(small))
            .editSpec()
            .withPriorityClassName("system-node-critical")
            .endSpec()
            .build();
    assertThat(Amounts.oomScore(critical, small, GIBI)).isEqualTo(-997);
  }

  @Test
  void aSidecarIsNotKilledBeforeThoseThatItServes() {
    Container half = memory("main", "512Mi");
    Container quarter = memory("other", "256Mi");
    Container proxy =
        new ContainerBuilder(memory("proxy", "1Mi")).withRestartPolicy("Always").build();
    Pod pod =
        new PodBuilder(pod(half, quarter)).editSpec().withInitContainers(proxy).endSpec().build();
    assertThat(Amounts.oomScore(pod, quarter, GIBI)).isEqualTo(750);
    assertThat(Amounts.oomScore(pod, proxy, GIBI)).isEqualTo(750);
    Container init = memory("proxy", "1Mi");
    Pod before = new PodBuilder(pod(half)).editSpec().withInitContainers(init).endSpec().build();
    assertThat(Amounts.oomScore(before, init, GIBI)).isEqualTo(999);
  }

  private static Container memory(String name, String request) {
    return new ContainerBuilder(container("1m", "", ""))
        .withName(name)
        .editResources()
        .addToRequests("memory", new Quantity(request))
        .endResources()
        .build();
  }

  private static Container container(String cpuRequest, String cpuLimit, String memoryLimit) {
    Map<String, Quantity> requests = new LinkedHashMap<>();
    Map<String, Quantity> limits = new LinkedHashMap<>();
    put(requests, "cpu", cpuRequest);
    put(limits, "cpu", cpuLimit);
    put(limits, "memory", memoryLimit);
    return new ContainerBuilder()
        .withName("main")
        .withNewResources()
        .withRequests(requests)
        .withLimits(limits)
        .endResources()
        .build();
  }

  private static void put(Map<String, Quantity> amounts, String resource, String amount) {
    if (!amount.isEmpty()) {
      amounts.put(resource, new Quantity(amount));
    }
  }

  private static Pod pod(Container... containers) {
    return new PodBuilder().withNewSpec().withContainers(containers).endSpec().build();
  }
}
