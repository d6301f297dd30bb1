package dev.coxswain.kubelet.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.dns.ResolverConfig;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.proto.cri.SecurityProfile;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SandboxConfigsTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void theRuntimeIsToldThePodsAnnotations() throws Exception {
    assertThat(config(pod()).getAnnotationsMap())
        .containsEntry("kubernetes.io/ingress-bandwidth", "1M");
  }

  @Test
  void aProfileMadeForTheContainersIsNotTheSandboxes() throws Exception {
    Pod pod =
        new PodBuilder(pod())
            .editSpec()
            .withNewSecurityContext()
            .withNewSeccompProfile("strict.json", "Localhost")
            .endSecurityContext()
            .endSpec()
            .build();
    assertThat(config(pod).getLinux().getSecurityContext().getSeccomp().getProfileType())
        .isEqualTo(SecurityProfile.ProfileType.RuntimeDefault);
  }

  /** Not every runtime knows the other spelling. */
  @Test
  void theRuntimeIsToldOfKernelParametersWithDots() throws Exception {
    Pod pod =
        new PodBuilder(pod())
            .editSpec()
            .withNewSecurityContext()
            .addNewSysctl("net/ipv4/conf/eth0.100/rp_filter", "0")
            .addNewSysctl("kernel.shm_rmid_forced", "1")
            .endSecurityContext()
            .endSpec()
            .build();
    assertThat(config(pod).getLinux().getSysctlsMap())
        .containsOnly(
            Map.entry("net.ipv4.conf.eth0/100.rp_filter", "0"),
            Map.entry("kernel.shm_rmid_forced", "1"));
  }

  private PodSandboxConfig config(Pod pod) throws Exception {
    return new SandboxConfigs(
            new NodePaths(folder.resolve("kubelet"), folder.resolve("logs")),
            new PodCgroups(folder, "/", 0),
            new ResolverConfig.Cluster(List.of(), "cluster.local", folder.resolve("resolv.conf")))
        .of(pod, 0);
  }

  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("shop")
        .withUid("u1")
        .addToAnnotations("kubernetes.io/ingress-bandwidth", "1M")
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }
}
