package dev.coxswain.kubelet.sandbox;

import dev.coxswain.kubelet.admission.Sysctls;
import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.dns.ResolverConfig;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.proto.cri.DNSConfig;
import dev.coxswain.proto.cri.LinuxPodSandboxConfig;
import dev.coxswain.proto.cri.LinuxSandboxSecurityContext;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.proto.cri.PodSandboxMetadata;
import dev.coxswain.proto.cri.PortMapping;
import dev.coxswain.proto.cri.Protocol;
import dev.coxswain.proto.cri.SecurityProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Describes a pod's sandbox to the runtime. */
public final class SandboxConfigs {
  private final NodePaths paths;
  private final PodCgroups cgroups;
  private final ResolverConfig.Cluster dns;

  /** Describes sandboxes on a node. */
  public SandboxConfigs(NodePaths paths, PodCgroups cgroups, ResolverConfig.Cluster dns) {
    this.paths = paths;
    this.cgroups = cgroups;
    this.dns = dns;
  }

  /**
   * The sandbox's description under an attempt number.
   *
   * @throws ConfigException for a spec that cannot be met
   */
  public PodSandboxConfig of(Pod pod, int attempt) throws ConfigException, IOException {
    ObjectMeta meta = pod.getMetadata();
    PodSandboxConfig.Builder config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(meta.getName())
                    .setNamespace(meta.getNamespace())
                    .setUid(meta.getUid())
                    .setAttempt(attempt))
            .setLogDirectory(paths.podLogs(pod).toString())
            .putAllLabels(meta.getLabels() == null ? java.util.Map.of() : meta.getLabels())
            .putLabels(CriLabels.POD_NAME, meta.getName())
            .putLabels(CriLabels.POD_NAMESPACE, meta.getNamespace())
            .putLabels(CriLabels.POD_UID, meta.getUid())
            // The runtime and its plugins are told by them: of the network's bandwidth, say.
            .putAllAnnotations(
                meta.getAnnotations() == null ? java.util.Map.of() : meta.getAnnotations())
            .putAnnotations(
                CriLabels.POD_GRACE_PERIOD, Long.toString(PodDecider.grace(pod).toSeconds()))
            .setLinux(linux(pod));
    if (!Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
      config.setHostname(Hostnames.nodeName(pod, dns.domain()));
      config.addAllPortMappings(portMappings(pod));
    }
    ResolverConfig resolver = ResolverConfig.of(pod, dns);
    config.setDnsConfig(
        DNSConfig.newBuilder()
            .addAllServers(resolver.servers())
            .addAllSearches(resolver.searches())
            .addAllOptions(resolver.options()));
    return config.build();
  }

  private LinuxPodSandboxConfig linux(Pod pod) {
    @Nullable PodSecurityContext context = pod.getSpec().getSecurityContext();
    LinuxSandboxSecurityContext.Builder security =
        LinuxSandboxSecurityContext.newBuilder()
            .setNamespaceOptions(Security.namespaces(pod))
            .setPrivileged(anyPrivileged(pod))
            .setSeccomp(seccomp(context));
    LinuxPodSandboxConfig.Builder linux =
        LinuxPodSandboxConfig.newBuilder().setCgroupParent(cgroups.parent(pod));
    if (context != null) {
      if (context.getRunAsUser() != null) {
        security.setRunAsUser(Security.number(context.getRunAsUser()));
        if (context.getRunAsGroup() != null) {
          security.setRunAsGroup(Security.number(context.getRunAsGroup()));
        }
      }
      if (context.getFsGroup() != null) {
        security.addSupplementalGroups(context.getFsGroup());
      }
      security.addAllSupplementalGroups(context.getSupplementalGroups());
      for (Sysctl sysctl : context.getSysctls()) {
        linux.putSysctls(Sysctls.dotted(sysctl.getName()), sysctl.getValue());
      }
    }
    return linux.setSecurityContext(security).build();
  }

  /**
   * The sandbox's own process is the runtime's: a profile that is made for what the containers do
   * may keep it from starting.
   */
  private static SecurityProfile seccomp(@Nullable PodSecurityContext context) {
    @Nullable SeccompProfile asked = context == null ? null : context.getSeccompProfile();
    boolean confined = asked != null && !"Unconfined".equals(asked.getType());
    return SecurityProfile.newBuilder()
        .setProfileType(
            confined
                ? SecurityProfile.ProfileType.RuntimeDefault
                : SecurityProfile.ProfileType.Unconfined)
        .build();
  }

  private static boolean anyPrivileged(Pod pod) {
    return Stream.concat(
            pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
        .anyMatch(container ->
            container.getSecurityContext() != null
                && Boolean.TRUE.equals(container.getSecurityContext().getPrivileged()));
  }

  private static List<PortMapping> portMappings(Pod pod) {
    Stream<Container> sidecars =
        pod.getSpec().getInitContainers().stream()
            .filter(container -> "Always".equals(container.getRestartPolicy()));
    return Stream.concat(sidecars, pod.getSpec().getContainers().stream())
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> port.getHostPort() != null && port.getHostPort() > 0)
        .map(SandboxConfigs::portMapping)
        .toList();
  }

  private static PortMapping portMapping(ContainerPort port) {
    String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
    return PortMapping.newBuilder()
        .setProtocol(Protocol.valueOf(protocol))
        .setContainerPort(port.getContainerPort())
        .setHostPort(port.getHostPort())
        .setHostIp(port.getHostIP() == null ? "" : port.getHostIP())
        .build();
  }
}
