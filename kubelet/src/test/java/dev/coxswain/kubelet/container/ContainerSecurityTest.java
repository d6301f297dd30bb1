package dev.coxswain.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.LinuxContainerSecurityContext;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ContainerSecurityTest {

  /** By the interrupts of a hot processor its neighbours can be listened to. */
  @Test
  void whatTellsOfOthersOnTheMachineIsNotShownToThePlain() throws ConfigException {
    assertThat(of(new SecurityContext()).getMaskedPathsList())
        .contains("/proc/kcore", "/proc/interrupts", "/sys/firmware");
    assertThat(of(new SecurityContextBuilder().withProcMount("Unmasked").build()))
        .satisfies(unmasked -> assertThat(unmasked.getMaskedPathsList()).isEmpty());
    assertThat(of(new SecurityContextBuilder().withPrivileged(true).build()).getMaskedPathsList())
        .isEmpty();
  }

  private static LinuxContainerSecurityContext of(SecurityContext own) throws ConfigException {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("main")
            .withSecurityContext(own)
            .endContainer()
            .endSpec()
            .build();
    return ContainerSecurity.of(
        pod,
        Member.find(pod, "main").orElseThrow(),
        Image.getDefaultInstance(),
        null,
        Path.of("/nowhere/seccomp"));
  }
}
