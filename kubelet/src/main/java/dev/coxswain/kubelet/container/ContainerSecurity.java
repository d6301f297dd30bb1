package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.kubelet.sandbox.Security;
import dev.coxswain.proto.cri.Capability;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.LinuxContainerSecurityContext;
import dev.coxswain.proto.cri.NamespaceMode;
import dev.coxswain.proto.cri.NamespaceOption;
import dev.coxswain.proto.cri.SupplementalGroupsPolicy;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container's security context: its own, completed by the pod's. */
final class ContainerSecurity {
  /** What a container must not see of the kernel, unless it is privileged. */
  private static final List<String> MASKED =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private ContainerSecurity() {}

  /**
   * The context.
   *
   * @param targetId the container whose processes an ephemeral one sees; null for none
   * @throws ConfigException if the container must not run as root but would
   */
  static LinuxContainerSecurityContext of(
      Pod pod, Member member, Image image, @Nullable String targetId, Path seccompProfiles)
      throws ConfigException {
    SecurityContext own =
        member.container().getSecurityContext() == null
            ? new SecurityContextBuilder().build()
            : member.container().getSecurityContext();
    PodSecurityContext shared =
        pod.getSpec().getSecurityContext() == null
            ? new PodSecurityContextBuilder().build()
            : pod.getSpec().getSecurityContext();
    boolean privileged = Boolean.TRUE.equals(own.getPrivileged());
    LinuxContainerSecurityContext.Builder context =
        LinuxContainerSecurityContext.newBuilder()
            .setPrivileged(privileged)
            .setReadonlyRootfs(Boolean.TRUE.equals(own.getReadOnlyRootFilesystem()))
            .setNoNewPrivs(Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()))
            .setNamespaceOptions(namespaces(pod, targetId))
            .setSeccomp(Security.seccomp(profile(own, shared, privileged), seccompProfiles));
    AppArmor.of(
            own.getAppArmorProfile() == null
                ? shared.getAppArmorProfile()
                : own.getAppArmorProfile())
        .filter(profile -> !privileged)
        .ifPresent(context::setApparmor);
    user(pod, member, own, shared, image, context);
    if (own.getCapabilities() != null) {
      context.setCapabilities(
          Capability.newBuilder()
              .addAllAddCapabilities(own.getCapabilities().getAdd())
              .addAllDropCapabilities(own.getCapabilities().getDrop()));
    }
    if (shared.getFsGroup() != null) {
      context.addSupplementalGroups(shared.getFsGroup());
    }
    context.addAllSupplementalGroups(shared.getSupplementalGroups());
    if ("Strict".equals(shared.getSupplementalGroupsPolicy())) {
      context.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict);
    }
    if (!privileged && !"Unmasked".equals(own.getProcMount())) {
      context.addAllMaskedPaths(MASKED).addAllReadonlyPaths(READ_ONLY);
    }
    return context.build();
  }

  private static NamespaceOption namespaces(Pod pod, @Nullable String targetId) {
    NamespaceOption shared = Security.namespaces(pod);
    return targetId == null
        ? shared
        : shared.toBuilder().setPid(NamespaceMode.TARGET).setTargetId(targetId).build();
  }

  private static @Nullable SeccompProfile profile(
      SecurityContext own, PodSecurityContext shared, boolean privileged) {
    if (privileged) {
      return null;
    }
    return own.getSeccompProfile() == null ? shared.getSeccompProfile() : own.getSeccompProfile();
  }

  private static void user(
      Pod pod,
      Member member,
      SecurityContext own,
      PodSecurityContext shared,
      Image image,
      LinuxContainerSecurityContext.Builder context)
      throws ConfigException {
    @Nullable Long user = own.getRunAsUser() == null ? shared.getRunAsUser() : own.getRunAsUser();
    @Nullable Long group =
        own.getRunAsGroup() == null ? shared.getRunAsGroup() : own.getRunAsGroup();
    boolean nonRoot =
        Boolean.TRUE.equals(
            own.getRunAsNonRoot() == null ? shared.getRunAsNonRoot() : own.getRunAsNonRoot());
    if (nonRoot) {
      requireNonRoot(pod, member, user, image);
    }
    if (user != null) {
      context.setRunAsUser(Security.number(user));
    } else if (image.hasUid()) {
      context.setRunAsUser(image.getUid());
    } else if (!image.getUsername().isEmpty()) {
      context.setRunAsUsername(image.getUsername());
    } else if (group != null) {
      // CRI takes a group only together with a user.
      context.setRunAsUser(Security.number(0));
    }
    if (group != null) {
      context.setRunAsGroup(Security.number(group));
    }
  }

  private static void requireNonRoot(Pod pod, Member member, @Nullable Long user, Image image)
      throws ConfigException {
    String who =
        " (pod: \""
            + pod.getMetadata().getName()
            + "_"
            + pod.getMetadata().getNamespace()
            + "("
            + pod.getMetadata().getUid()
            + ")\", container: "
            + member.name()
            + ")";
    if (user != null) {
      if (user == 0) {
        throw new ConfigException("container's runAsUser breaks non-root policy" + who);
      }
      return;
    }
    if (image.hasUid() ? image.getUid().getValue() == 0 : image.getUsername().isEmpty()) {
      throw new ConfigException("container has runAsNonRoot and image will run as root" + who);
    }
    if (!image.hasUid()) {
      throw new ConfigException(
          "container has runAsNonRoot and image has non-numeric user ("
              + image.getUsername()
              + "), cannot verify user is non-root"
              + who);
    }
  }
}
