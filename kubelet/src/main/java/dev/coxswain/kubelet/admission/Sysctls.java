package dev.coxswain.kubelet.admission;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Kernel parameters that a pod may set. */
final class Sysctls {
  /** Upstream's list: namespaced, and harmless to the node's other pods. */
  private static final Set<String> SAFE_SYSCTLS =
      Set.of(
          "kernel.shm_rmid_forced",
          "net.ipv4.ip_local_port_range",
          "net.ipv4.ip_local_reserved_ports",
          "net.ipv4.ip_unprivileged_port_start",
          "net.ipv4.ping_group_range",
          "net.ipv4.tcp_fin_timeout",
          "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
          "net.ipv4.tcp_keepalive_time",
          "net.ipv4.tcp_rmem",
          "net.ipv4.tcp_syncookies",
          "net.ipv4.tcp_wmem");

  private Sysctls() {}

  /** The first of the pod's parameters that it may not set. */
  static Optional<Refusal> refusal(Pod pod) {
    @Nullable PodSecurityContext security = pod.getSpec().getSecurityContext();
    if (security == null) {
      return Optional.empty();
    }
    boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    boolean hostIpc = Boolean.TRUE.equals(pod.getSpec().getHostIPC());
    for (Sysctl sysctl : security.getSysctls()) {
      // Either separator is allowed; the kernel's files have the slash.
      String name = sysctl.getName().replace('/', '.');
      if (!SAFE_SYSCTLS.contains(name)) {
        return forbidden("forbidden sysctl: \"" + name + "\" not allowlisted");
      }
      if (hostNetwork && name.startsWith("net.")) {
        return forbidden("forbidden sysctl: \"" + name + "\" not allowed with host net enabled");
      }
      if (hostIpc && name.startsWith("kernel.shm")) {
        return forbidden("forbidden sysctl: \"" + name + "\" not allowed with host ipc enabled");
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> forbidden(String message) {
    return Optional.of(new Refusal("SysctlForbidden", message));
  }
}
