package dev.coxswain.kubelet.admission;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Kernel parameters that a pod may set. */
public final class Sysctls {
  /** Upstream's list: namespaced, and harmless to the node's other pods. */
  private static final List<String> SAFE =
      List.of(
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

  private static final int MAX_LENGTH = 253;
  private static final String SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
  private static final Pattern PATTERN =
      Pattern.compile("(" + SEGMENT + "[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]");

  private final List<String> allowed;

  private Sysctls(List<String> allowed) {
    this.allowed = allowed;
  }

  /**
   * Those that are safe, and others that the operator of the node allows.
   *
   * @param unsafe names, or their beginnings with an asterisk
   * @throws IllegalArgumentException with what is wrong with one of them
   */
  public static Sysctls safeAnd(List<String> unsafe) {
    List<String> all = new ArrayList<>(SAFE);
    for (String pattern : unsafe) {
      if (pattern.length() > MAX_LENGTH || !PATTERN.matcher(pattern).matches()) {
        throw new IllegalArgumentException(
            "sysctl \""
                + pattern
                + "\" must have at most "
                + MAX_LENGTH
                + " characters and match regex ^"
                + PATTERN
                + "$");
      }
      String dotted = dotted(pattern);
      if (!ofNetwork(dotted) && !ofIpc(dotted)) {
        throw new IllegalArgumentException(
            "the sysctl \"" + dotted + "\" are not known to be namespaced");
      }
      all.add(dotted);
    }
    return new Sysctls(List.copyOf(all));
  }

  /** The first of the pod's parameters that it may not set. */
  Optional<Refusal> refusal(Pod pod) {
    @Nullable PodSecurityContext security = pod.getSpec().getSecurityContext();
    if (security == null) {
      return Optional.empty();
    }
    boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    boolean hostIpc = Boolean.TRUE.equals(pod.getSpec().getHostIPC());
    for (Sysctl sysctl : security.getSysctls()) {
      String name = dotted(sysctl.getName());
      if (allowed.stream().noneMatch(pattern -> fits(pattern, name))) {
        return forbidden("forbidden sysctl: \"" + name + "\" not allowlisted");
      }
      if (hostNetwork && ofNetwork(name)) {
        return forbidden("forbidden sysctl: \"" + name + "\" not allowed with host net enabled");
      }
      if (hostIpc && ofIpc(name)) {
        return forbidden("forbidden sysctl: \"" + name + "\" not allowed with host ipc enabled");
      }
    }
    return Optional.empty();
  }

  private static boolean fits(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  private static boolean ofNetwork(String name) {
    return name.startsWith("net.");
  }

  private static boolean ofIpc(String name) {
    return name.equals("kernel.sem")
        || name.startsWith("kernel.shm")
        || name.startsWith("kernel.msg")
        || name.startsWith("fs.mqueue.");
  }

  /** Either separator is allowed, the first one tells; the other is then part of a name. */
  public static String dotted(String name) {
    int slash = name.indexOf('/');
    int dot = name.indexOf('.');
    if (slash < 0 || (dot >= 0 && dot < slash)) {
      return name;
    }
    return name.chars()
        .map(letter -> letter == '/' ? '.' : letter == '.' ? '/' : letter)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static Optional<Refusal> forbidden(String message) {
    return Optional.of(new Refusal("SysctlForbidden", message));
  }
}
