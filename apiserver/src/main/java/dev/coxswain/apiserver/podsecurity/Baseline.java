package dev.coxswain.apiserver.podsecurity;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The rules of the level {@code baseline}: no known way to take the node over. */
final class Baseline {
  /** What the rules of {@code restricted} say more strictly. */
  static final List<Check> REPLACED =
      List.of(Baseline::capabilities, Baseline::hostPaths, Baseline::seccomp);

  /** The rest, in upstream's order. */
  static final List<Check> KEPT =
      List.of(
          Baseline::appArmor,
          Baseline::hostNamespaces,
          Baseline::hostPorts,
          Baseline::probeHosts,
          Baseline::privileged,
          Baseline::procMount,
          Baseline::seLinux,
          Baseline::sysctls,
          Baseline::hostProcess);

  /** All, in upstream's order. */
  static final List<Check> ALL =
      List.of(
          Baseline::appArmor,
          Baseline::capabilities,
          Baseline::hostNamespaces,
          Baseline::hostPaths,
          Baseline::hostPorts,
          Baseline::probeHosts,
          Baseline::privileged,
          Baseline::procMount,
          Baseline::seLinux,
          Baseline::seccomp,
          Baseline::sysctls,
          Baseline::hostProcess);

  private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";

  private static final Set<String> CAPABILITIES =
      Set.of(
          "AUDIT_WRITE",
          "CHOWN",
          "DAC_OVERRIDE",
          "FOWNER",
          "FSETID",
          "KILL",
          "MKNOD",
          "NET_BIND_SERVICE",
          "SETFCAP",
          "SETGID",
          "SETPCAP",
          "SETUID",
          "SYS_CHROOT");

  private static final Set<String> SELINUX_TYPES =
      Set.of("", "container_t", "container_init_t", "container_kvm_t");

  /** The SELinux type of those who run containers in theirs, and since when it is let in. */
  private static final String ENGINE_TYPE = "container_engine_t";

  private static final int ENGINE_TYPE_SINCE = 31;

  /** The version since which nobody has kubelets knock at other hosts' doors. */
  private static final int PROBE_HOSTS_SINCE = 34;

  /** Harmless kernel parameters, each with the minor version since which it counts as such. */
  private static final Map<String, Integer> SYSCTLS =
      Map.ofEntries(
          Map.entry("kernel.shm_rmid_forced", 0),
          Map.entry("net.ipv4.ip_local_port_range", 0),
          Map.entry("net.ipv4.tcp_syncookies", 0),
          Map.entry("net.ipv4.ping_group_range", 0),
          Map.entry("net.ipv4.ip_unprivileged_port_start", 0),
          Map.entry("net.ipv4.ip_local_reserved_ports", 27),
          Map.entry("net.ipv4.tcp_keepalive_time", 29),
          Map.entry("net.ipv4.tcp_fin_timeout", 29),
          Map.entry("net.ipv4.tcp_keepalive_intvl", 29),
          Map.entry("net.ipv4.tcp_keepalive_probes", 29),
          Map.entry("net.ipv4.tcp_rmem", 32),
          Map.entry("net.ipv4.tcp_wmem", 32));

  private static final String UNCONFINED = "Unconfined";

  private Baseline() {}

  private static Optional<Violation> appArmor(PodView pod, Policy policy) {
    boolean whole = Json.text(pod.security(), "appArmorProfile", "type").equals(UNCONFINED);
    List<String> containers =
        pod.containers(container ->
            Json.text(PodView.security(container), "appArmorProfile", "type").equals(UNCONFINED));
    List<String> details = new ArrayList<>();
    Optional<String> setters = PodView.setters(whole, containers);
    setters.ifPresent(
        who -> details.add(who + " must not set AppArmor profile type to \"" + UNCONFINED + "\""));
    Map<String, String> annotations = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : pod.metadata().path("annotations").properties()) {
      String value = entry.getValue().asString("");
      boolean allowed =
          value.isEmpty() || value.equals("runtime/default") || value.startsWith("localhost/");
      if (entry.getKey().startsWith(APP_ARMOR) && !allowed) {
        annotations.put(entry.getKey(), value);
      }
    }
    if (!annotations.isEmpty()) {
      List<String> texts = new ArrayList<>();
      annotations.forEach((key, value) -> texts.add("\"" + key + "=" + value + "\""));
      details.add(
          (texts.size() == 1 ? "annotation " : "annotations ")
              + "must not set AppArmor profile type to "
              + String.join(", ", texts));
    }
    boolean several = (setters.isPresent() ? 1 : 0) + annotations.size() > 1;
    return Check.when(
        details, several ? "forbidden AppArmor profiles" : "forbidden AppArmor profile");
  }

  private static Optional<Violation> capabilities(PodView pod, Policy policy) {
    Set<String> added = new TreeSet<>();
    List<String> containers =
        pod.containers(container -> {
          Set<String> others = new LinkedHashSet<>();
          for (JsonNode capability : Json.at(PodView.security(container), "capabilities", "add")) {
            if (!CAPABILITIES.contains(capability.asString(""))) {
              others.add(capability.asString(""));
            }
          }
          added.addAll(others);
          return !others.isEmpty();
        });
    return containers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "non-default capabilities",
                PodView.named("container", containers)
                    + " must not include "
                    + PodView.quoted(List.copyOf(added))
                    + " in securityContext.capabilities.add"));
  }

  private static Optional<Violation> hostNamespaces(PodView pod, Policy policy) {
    List<String> shared = new ArrayList<>();
    for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
      if (Json.flag(pod.spec(), field)) {
        shared.add(field + "=true");
      }
    }
    return shared.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation("host namespaces", String.join(", ", shared)));
  }

  private static Optional<Violation> hostPaths(PodView pod, Policy policy) {
    List<String> volumes = new ArrayList<>();
    for (JsonNode volume : pod.spec().path("volumes")) {
      if (volume.hasNonNull("hostPath")) {
        volumes.add(Json.text(volume, "name"));
      }
    }
    return volumes.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation("hostPath volumes", PodView.named("volume", volumes)));
  }

  private static Optional<Violation> hostPorts(PodView pod, Policy policy) {
    Set<Long> ports = new TreeSet<>();
    List<String> containers =
        pod.containers(container -> {
          boolean found = false;
          for (JsonNode port : container.path("ports")) {
            long number = Json.number(port, 0, "hostPort");
            if (number != 0) {
              ports.add(number);
              found = true;
            }
          }
          return found;
        });
    return containers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "hostPort",
                PodView.named("container", containers)
                    + (containers.size() == 1 ? " uses " : " use ")
                    + (ports.size() == 1 ? "hostPort " : "hostPorts ")
                    + String.join(", ", ports.stream().map(String::valueOf).toList())));
  }

  private static Optional<Violation> probeHosts(PodView pod, Policy policy) {
    if (!policy.since(PROBE_HOSTS_SINCE)) {
      return Optional.empty();
    }
    Set<String> hosts = new TreeSet<>();
    Set<String> containers = new TreeSet<>(pod.containers(container -> knocks(container, hosts)));
    return containers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "probe or lifecycle host",
                PodView.named("container", List.copyOf(containers))
                    + (containers.size() == 1 ? " uses " : " use ")
                    + PodView.named("probe or lifecycle host", List.copyOf(hosts))));
  }

  /** Whether a probe or a hook of a container names a host; adds those that are named. */
  private static boolean knocks(JsonNode container, Set<String> hosts) {
    JsonNode lifecycle = container.path("lifecycle");
    boolean found = false;
    for (JsonNode handler :
        List.of(
            container.path("livenessProbe"),
            container.path("readinessProbe"),
            container.path("startupProbe"),
            lifecycle.path("postStart"),
            lifecycle.path("preStop"))) {
      for (String kind : List.of("httpGet", "tcpSocket")) {
        String host = Json.text(handler, kind, "host");
        if (!host.isEmpty()) {
          hosts.add(host);
          found = true;
        }
      }
    }
    return found;
  }

  private static Optional<Violation> privileged(PodView pod, Policy policy) {
    List<String> containers =
        pod.containers(container -> Json.flag(PodView.security(container), "privileged"));
    return containers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "privileged",
                PodView.named("container", containers)
                    + " must not set securityContext.privileged=true"));
  }

  private static Optional<Violation> procMount(PodView pod, Policy policy) {
    Set<String> mounts = new TreeSet<>();
    List<String> containers =
        pod.containers(container -> {
          String mount = Json.text(PodView.security(container), "procMount");
          boolean other = !mount.isEmpty() && !mount.equals("Default");
          if (other) {
            mounts.add(mount);
          }
          return other;
        });
    return containers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "procMount",
                PodView.named("container", containers)
                    + " must not set securityContext.procMount to "
                    + PodView.quoted(List.copyOf(mounts))));
  }

  private static Optional<Violation> seLinux(PodView pod, Policy policy) {
    Set<String> problems = new LinkedHashSet<>();
    boolean whole = forbiddenLabels(pod.security(), policy, problems);
    List<String> containers =
        pod.containers(container -> forbiddenLabels(PodView.security(container), policy, problems));
    return PodView.setters(whole, containers)
        .map(who ->
            new Violation(
                "seLinuxOptions",
                who
                    + " set forbidden securityContext.seLinuxOptions: "
                    + String.join("; ", problems)));
  }

  private static boolean forbiddenLabels(JsonNode security, Policy policy, Set<String> problems) {
    int before = problems.size();
    JsonNode options = security.path("seLinuxOptions");
    boolean found = false;
    String type = Json.text(options, "type");
    boolean engine = type.equals(ENGINE_TYPE) && policy.since(ENGINE_TYPE_SINCE);
    if (!engine && !SELINUX_TYPES.contains(type)) {
      problems.add("type \"" + type + "\"");
      found = true;
    }
    for (String field : List.of("user", "role")) {
      if (!Json.text(options, field).isEmpty()) {
        problems.add(field + " may not be set");
        found = true;
      }
    }
    return found || problems.size() > before;
  }

  private static Optional<Violation> seccomp(PodView pod, Policy policy) {
    if (!policy.since(19)) {
      return Optional.empty();
    }
    boolean whole = Json.text(pod.security(), "seccompProfile", "type").equals(UNCONFINED);
    List<String> containers =
        pod.containers(container ->
            Json.text(PodView.security(container), "seccompProfile", "type").equals(UNCONFINED));
    return PodView.setters(whole, containers)
        .map(who ->
            new Violation(
                "seccompProfile",
                who + " must not set securityContext.seccompProfile.type to \"Unconfined\""));
  }

  private static Optional<Violation> sysctls(PodView pod, Policy policy) {
    Map<String, Boolean> forbidden = new LinkedHashMap<>();
    for (JsonNode sysctl : pod.security().path("sysctls")) {
      String name = Json.text(sysctl, "name");
      Integer since = SYSCTLS.get(name);
      if (since == null || !policy.since(since)) {
        forbidden.put(name, true);
      }
    }
    return forbidden.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation("forbidden sysctls", String.join(", ", forbidden.keySet())));
  }

  private static Optional<Violation> hostProcess(PodView pod, Policy policy) {
    boolean whole = Json.flag(pod.security(), "windowsOptions", "hostProcess");
    List<String> containers =
        pod.containers(
            container -> Json.flag(PodView.security(container), "windowsOptions", "hostProcess"));
    return PodView.setters(whole, containers)
        .map(who ->
            new Violation(
                "hostProcess",
                who + " must not set securityContext.windowsOptions.hostProcess=true"));
  }
}
