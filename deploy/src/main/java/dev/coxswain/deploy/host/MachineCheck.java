package dev.coxswain.deploy.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Finds out, before anything is started, whether this machine can carry a cluster. */
public final class MachineCheck {
  private static final Duration INSTALL_DEADLINE = Duration.ofMinutes(10);

  /** What a small cluster writes in its first minutes, images and logs included. */
  private static final long FREE_BYTES_MIN = 1L << 30;

  /** A program and the Debian package that brings it. */
  private record Tool(String program, String debianPackage) {}

  private static final List<Tool> TOOLS =
      List.of(
          new Tool("containerd", "containerd"),
          new Tool("ctr", "containerd"),
          new Tool("runc", "runc"),
          new Tool("iptables", "iptables"),
          new Tool("conntrack", "conntrack"),
          new Tool("ip", "iproute2"),
          new Tool("ss", "iproute2"),
          new Tool("nsenter", "util-linux"),
          new Tool("mount", "mount"),
          new Tool("tini-static", "tini"),
          new Tool("gcc", "gcc"));

  private static final List<Path> NETWORK_PLUGINS =
      List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"));

  private MachineCheck() {}

  public static void requireRoot() {
    try {
      if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
        throw new CoxException(
            "this needs root, because nodes are made of namespaces, mounts and cgroups; run it with"
                + " sudo");
      }
    } catch (IOException unreadable) {
      throw new CoxException("/proc is not readable: " + unreadable.getMessage(), unreadable);
    }
  }

  /** Installs with apt what is missing, and says so; where it may not, it names what is missing. */
  public static void requireTools(boolean install, Consumer<String> progress) {
    Set<String> missing = missingPackages();
    if (missing.isEmpty()) {
      return;
    }
    String names = String.join(" ", missing);
    if (!install) {
      throw new CoxException("missing: " + names + "; get it with: apt-get install " + names);
    }
    if (find("apt-get").isEmpty()) {
      throw new CoxException(
          "missing: "
              + names
              + " (Debian's package names); install them with this machine's package manager");
    }
    progress.accept("installing with apt: " + names);
    var command = new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get"));
    command.addAll(
        List.of("install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"));
    command.addAll(missing);
    if (!Shell.run(command, INSTALL_DEADLINE).succeeded()) {
      Shell.run(List.of("apt-get", "update"), INSTALL_DEADLINE);
      Shell.Result again = Shell.run(command, INSTALL_DEADLINE);
      if (!again.succeeded()) {
        throw new CoxException(
            "apt could not install what is missing ("
                + names
                + "): "
                + lastLine(again.err())
                + "; install it by hand: apt-get install "
                + names);
      }
    }
    Set<String> still = missingPackages();
    if (!still.isEmpty()) {
      throw new CoxException("still missing after apt installed it: " + String.join(" ", still));
    }
  }

  public static void requireSpace(Path directory) {
    try {
      Files.createDirectories(directory);
      long free = Files.getFileStore(directory).getUsableSpace();
      if (free < FREE_BYTES_MIN) {
        throw new CoxException(
            "not enough space at "
                + directory
                + ": "
                + (free >> 20)
                + " MiB are free and a cluster wants "
                + (FREE_BYTES_MIN >> 20)
                + "; make room, or choose another disk with --home");
      }
    } catch (IOException failed) {
      throw new CoxException(
          "cannot use "
              + directory
              + ": "
              + Reasons.of(failed)
              + "; choose another directory with --home or COX_HOME",
          failed);
    }
  }

  /** Fails when something else listens on the loopback port. */
  public static void requirePort(int port) {
    if (!free(port)) {
      throw new CoxException(
          "port "
              + port
              + " is in use"
              + user(port)
              + "; choose another with --api-port (0 finds a free one)");
    }
  }

  /** Whether somebody on this machine listens on the loopback port; asks without connecting. */
  public static boolean listening(int port) {
    return !Shell.run(List.of("ss", "-Hltn", "src 127.0.0.1:" + port)).out().isEmpty();
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException failed) {
      throw new CoxException("no free port: " + failed.getMessage(), failed);
    }
  }

  public static boolean installed(String program) {
    return find(program).isPresent();
  }

  /** Where the network plugins' programs are. */
  public static Path networkPlugins() {
    return NETWORK_PLUGINS.stream()
        .filter(directory -> Files.isExecutable(directory.resolve("bridge")))
        .findFirst()
        .orElse(NETWORK_PLUGINS.getFirst());
  }

  /**
   * Loads what a host may have as modules; where it is built in, or not ours to load, nothing
   * happens.
   */
  public static void loadKernelModules() {
    if (find("modprobe").isPresent()) {
      for (String module : List.of("overlay", "br_netfilter", "veth")) {
        Shell.run(List.of("modprobe", "--quiet", module));
      }
    }
  }

  private static Set<String> missingPackages() {
    var missing = new LinkedHashSet<String>();
    for (Tool tool : TOOLS) {
      if (find(tool.program()).isEmpty()) {
        missing.add(tool.debianPackage());
      }
    }
    if (missing.contains("gcc") || !Files.exists(Path.of("/usr/include/stdlib.h"))) {
      missing.add("libc6-dev");
    }
    if (!Files.isExecutable(networkPlugins().resolve("bridge"))) {
      missing.add("containernetworking-plugins");
    }
    if (!staticBusybox()) {
      missing.add("busybox-static");
    }
    return missing;
  }

  /** A dynamically linked one would not start in an image without libraries. */
  private static boolean staticBusybox() {
    Path busybox = Path.of("/bin/busybox");
    return Files.isExecutable(busybox)
        && !Shell.run(List.of("ldd", busybox.toString())).succeeded();
  }

  private static java.util.Optional<Path> find(String program) {
    return java.util.stream.Stream.of(
            "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Whether nothing listens on the loopback port. */
  public static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  private static String user(int port) {
    Shell.Result sockets = Shell.run(List.of("ss", "-Hltnp", "sport = :" + port));
    var named =
        java.util.regex.Pattern.compile("\\(\\(\"([^\"]+)\",pid=(\\d+)").matcher(sockets.out());
    return named.find() ? " by " + named.group(1) + " (pid " + named.group(2) + ")" : "";
  }

  private static String lastLine(String text) {
    return text.substring(text.lastIndexOf('\n') + 1);
  }
}
