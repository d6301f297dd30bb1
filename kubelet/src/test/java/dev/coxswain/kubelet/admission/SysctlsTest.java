package dev.coxswain.kubelet.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kernel parameters of pods, as upstream judges them. */
final class SysctlsTest {
  private final Sysctls sysctls =
      Sysctls.safeAnd(List.of("kernel.msg*", "net/core/somaxconn", "kernel.sem"));

  @Test
  void safeOnesAndAllowedOnesMayBeSet() {
    for (String name :
        List.of(
            "kernel.shm_rmid_forced",
            "net/ipv4/tcp_wmem",
            "kernel.msgmax",
            "kernel/msgmnb",
            "net.core.somaxconn",
            "kernel.sem")) {
      assertThat(sysctls.refusal(pod(name, false, false))).as(name).isEmpty();
    }
  }

  @Test
  void othersMayNot() {
    assertRefused(pod("kernel.shmmax", false, false), "\"kernel.shmmax\" not allowlisted");
    assertRefused(pod("net.core.somaxconns", false, false), "\"net.core.somaxconns\" not allow");
    assertRefused(
        pod("net/ipv4/conf/eth0.1/forwarding", false, false),
        "\"net.ipv4.conf.eth0/1.forwarding\" not allowlisted");
  }

  @Test
  void norAnyOfWhatIsTheNodesOwn() {
    assertRefused(
        pod("net.core.somaxconn", true, false),
        "\"net.core.somaxconn\" not allowed with host net enabled");
    assertRefused(
        pod("kernel.msgmax", false, true), "\"kernel.msgmax\" not allowed with host ipc enabled");
    assertRefused(pod("kernel.sem", false, true), "not allowed with host ipc enabled");
    assertThat(sysctls.refusal(pod("kernel.msgmax", true, false))).isEmpty();
  }

  @Test
  void onlyWhatIsNamespacedIsAllowed() {
    assertThatThrownBy(() -> Sysctls.safeAnd(List.of("vm.swappiness")))
        .hasMessage("the sysctl \"vm.swappiness\" are not known to be namespaced");
    assertThatThrownBy(() -> Sysctls.safeAnd(List.of("kernel.*")))
        .hasMessageContaining("not known to be namespaced");
    assertThatThrownBy(() -> Sysctls.safeAnd(List.of("net.Core")))
        .hasMessageStartingWith("sysctl \"net.Core\" must have at most 253 characters");
  }

  private void assertRefused(Pod pod, String message) {
    assertThat(sysctls.refusal(pod))
        .hasValueSatisfying(refusal -> {
          assertThat(refusal.reason()).isEqualTo("SysctlForbidden");
          assertThat(refusal.message()).startsWith("forbidden sysctl: ").contains(message);
        });
  }

  private static Pod pod(String sysctl, boolean hostNetwork, boolean hostIpc) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("one")
        .endMetadata()
        .withNewSpec()
        .withHostNetwork(hostNetwork)
        .withHostIPC(hostIpc)
        .withNewSecurityContext()
        .addNewSysctl(sysctl, "1")
        .endSecurityContext()
        .endSpec()
        .build();
  }
}
