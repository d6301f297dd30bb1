package dev.coxswain.deploy.hosts;

import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.cluster.Containerd;
import dev.coxswain.deploy.cluster.Daemon;
import dev.coxswain.deploy.cluster.DaemonArguments;
import dev.coxswain.deploy.cluster.Home;
import dev.coxswain.deploy.cluster.Identities;
import dev.coxswain.deploy.cluster.Kubeconfigs;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Texts;
import dev.coxswain.deploy.host.Trees;
import dev.coxswain.deploy.pki.PemFiles;
import dev.coxswain.deploy.pki.Pki;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes a directory for each host of a plan: the files it needs, where it needs them, and a script
 * that puts them there and starts the services. A host is given no key that none of its processes
 * is told to read.
 */
final class HostBundles {
  /** Where everything of Coxswain's lies on a host, as below {@code COX_HOME} elsewhere. */
  private static final Home TARGET = new Home(Path.of("/var/lib/coxswain"));

  private static final String INSTALL = "install.sh";
  private static final List<Integer> CONTAINERD_VERSIONS = List.of(1, 2);

  private final Home home;
  private final HostPlan plan;
  private final Time time;

  /**
   * @param home where the cluster's keys and the hosts' directories are kept
   */
  HostBundles(Home home, HostPlan plan, Time time) {
    this.home = home;
    this.plan = plan;
    this.time = time;
  }

  /** One host's directory. */
  Path directory(HostPlan.Host host) {
    return home.root().resolve("hosts").resolve(host.name());
  }

  /**
   * Makes them all, anew where they were made before; keys and certificates stay.
   *
   * @param images an archive for the nodes, as {@code ctr images import} takes it
   */
  void make(byte[] images) {
    Pki pki = new Pki(home.pki(), time);
    pki.ensureAuthorities();
    pki.ensure(Identities.of(plan));
    new Kubeconfigs(home, plan, pki).write(plan.apiServers().getFirst());
    try {
      Files.setPosixFilePermissions(home.root(), PosixFilePermissions.fromString("rwx------"));
      for (HostPlan.Host host : plan.hosts()) {
        make(host, images);
      }
    } catch (IOException failed) {
      throw new CoxException(
          "cannot write below " + home.root() + ": " + failed.getMessage(), failed);
    }
  }

  private void make(HostPlan.Host host, byte[] images) throws IOException {
    Path directory = directory(host);
    Trees.delete(directory.resolve("files"));
    Map<Daemon, List<String>> daemons = daemons(host);
    for (Map.Entry<Daemon, List<String>> daemon : daemons.entrySet()) {
      PemFiles.writeSecret(
          directory.resolve("files/etc/coxswain/" + daemon.getKey().processName() + ".env"),
          "COX_ARGUMENTS=\"" + String.join(" ", daemon.getValue()) + "\"\n");
      for (String argument : daemon.getValue()) {
        copyNamed(argument, directory);
      }
    }
    for (ClusterSpec.Machine machine : plan.machinesOf(host)) {
      if (machine instanceof ClusterSpec.Node node) {
        network(node, directory);
        Files.write(directory.resolve("images.tar"), images);
      }
    }
    PemFiles.writePublic(
        directory.resolve("programs"),
        daemons.keySet().stream().map(Daemon::processName).collect(Collectors.joining(" ")) + "\n");
    PemFiles.writePublic(directory.resolve("install"), Texts.beside(HostBundles.class, INSTALL));
    Files.setPosixFilePermissions(
        directory.resolve("install"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Map<Daemon, List<String>> daemons(HostPlan.Host host) {
    var arguments = new DaemonArguments(TARGET, plan, new Pki(TARGET.pki(), time));
    var daemons = new EnumMap<Daemon, List<String>>(Daemon.class);
    for (ClusterSpec.Machine machine : plan.machinesOf(host)) {
      switch (machine) {
        case ClusterSpec.ControlPlane controlPlane -> {
          daemons.put(Daemon.STORE, arguments.store(controlPlane));
          daemons.put(Daemon.APISERVER, arguments.apiserver(controlPlane));
          daemons.put(Daemon.SCHEDULER, arguments.scheduler(controlPlane));
          daemons.put(Daemon.CONTROLLERS, arguments.controllers(controlPlane));
        }
        case ClusterSpec.Node node -> {
          daemons.put(Daemon.KUBELET, arguments.kubelet(node));
          daemons.put(
              Daemon.PROXY,
              Stream.concat(
                      arguments.proxy(node).stream(),
                      Stream.of("--masquerade-outside-cluster=" + node.podCidr()))
                  .toList());
        }
      }
    }
    return daemons;
  }

  /** Copies the file that a flag names, when it is one that was made here. */
  private void copyNamed(String argument, Path directory) throws IOException {
    String value = argument.substring(argument.indexOf('=') + 1);
    if (!value.startsWith(TARGET.root() + "/")) {
      return;
    }
    Path source = home.root().resolve(TARGET.root().relativize(Path.of(value)));
    if (Files.isRegularFile(source)) {
      Path copy = directory.resolve("files" + value);
      if (Files.getPosixFilePermissions(source)
          .equals(PosixFilePermissions.fromString("rw-------"))) {
        PemFiles.writeSecret(copy, Files.readString(source));
      } else {
        PemFiles.writePublic(copy, Files.readString(source));
      }
    }
  }

  /** Which version of containerd the host has shows only there. */
  private static void network(ClusterSpec.Node node, Path directory) {
    for (int version : CONTAINERD_VERSIONS) {
      PemFiles.writePublic(
          directory.resolve("containerd-" + version + ".toml"),
          Containerd.configuration(version, false, "overlayfs"));
    }
    PemFiles.writePublic(
        directory.resolve("files/etc/cni/net.d/10-coxswain.conflist"),
        Containerd.network(node.podCidr()));
  }
}
