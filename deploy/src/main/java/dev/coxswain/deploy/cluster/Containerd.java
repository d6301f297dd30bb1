package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.MachineCheck;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Shell;
import dev.coxswain.deploy.image.BuiltinImages;
import dev.coxswain.deploy.pki.PemFiles;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One node's containerd: its configuration, its network plugins' configuration, its images. */
public final class Containerd {
  private static final Duration IMPORT_DEADLINE = Duration.ofMinutes(2);
  private static final String SOCKET = "/run/containerd/containerd.sock";
  private static final String NAMESPACE = "k8s.io";
  private static final String UNPACKING = "unpacking ";

  /** Bit of CAP_SYS_RESOURCE in a capability set. */
  private static final int SYS_RESOURCE = 24;

  private final Home home;

  Containerd(Home home) {
    this.home = home;
  }

  static List<String> command() {
    return List.of("containerd");
  }

  /** Where the host reaches the node's CRI socket. */
  static Path socket(ProcessRef init) {
    return Path.of("/proc/" + init.pid() + "/root" + SOCKET);
  }

  /** Whether it accepts connections. */
  static boolean listening(ProcessRef init) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket(init)));
    } catch (IOException notYet) {
      return false;
    }
  }

  void configure(ClusterSpec.Node node) {
    Path directory = home.machine(node.name());
    PemFiles.writePublic(
        directory.resolve("etc/containerd/config.toml"),
        configuration(majorVersion(), !mayRaiseLimits(), snapshotter(directory)));
    PemFiles.writePublic(
        directory.resolve("etc/cni/net.d/10-coxswain.conflist"), network(node.podCidr()));
  }

  /** Imports an archive's images, all platforms that fit this machine. */
  static void importArchive(ClusterSpec.Node node, ProcessRef init, Path archive) {
    Shell.Result result = control(init, List.of("images", "import", archive.toString()));
    if (!result.succeeded()) {
      throw new CoxException(
          "cannot import " + archive + " into " + node.name() + ": " + result.err());
    }
    imported(result.out()).forEach(image -> pin(node, init, image));
  }

  /**
   * The images' names in what {@code ctr images import} says: {@code unpacking NAME (DIGEST)...}.
   */
  static List<String> imported(String output) {
    return output
        .lines()
        .filter(line -> line.startsWith(UNPACKING))
        .map(line -> line.substring(UNPACKING.length()).split(" ", 2)[0])
        .toList();
  }

  /** What was imported by hand can be had from nowhere else: no kubelet may clear it away. */
  private static void pin(ClusterSpec.Node node, ProcessRef init, String image) {
    Shell.Result result =
        control(init, List.of("images", "label", image, "io.cri-containerd.pinned=pinned"));
    if (!result.succeeded()) {
      throw new CoxException(
          "cannot pin image " + image + " in " + node.name() + ": " + result.err());
    }
  }

  static List<String> images(ProcessRef init) {
    Shell.Result result = control(init, List.of("images", "list", "--quiet"));
    return result.succeeded() ? result.out().lines().toList() : List.of();
  }

  private static Shell.Result control(ProcessRef init, List<String> arguments) {
    var line =
        new ArrayList<>(
            List.of("ctr", "--address", socket(init).toString(), "--namespace", NAMESPACE));
    line.addAll(arguments);
    return Shell.run(line, IMPORT_DEADLINE);
  }

  /** The configuration file of a containerd of that major version. */
  public static String configuration(
      int majorVersion, boolean restrictOomScore, String snapshotter) {
    if (majorVersion >= 2) {
      return """
      version = 3
      [plugins.'io.containerd.cri.v1.images']
        snapshotter = "%s"
      [plugins.'io.containerd.cri.v1.images'.pinned_images]
        sandbox = "%s"
      [plugins.'io.containerd.cri.v1.images'.registry]
        config_path = "/etc/containerd/certs.d"
      [plugins.'io.containerd.cri.v1.runtime']
        restrict_oom_score_adj = %s
      [plugins.'io.containerd.cri.v1.runtime'.cni]
        bin_dir = "%s"
        conf_dir = "/etc/cni/net.d"
      [plugins.'io.containerd.grpc.v1.cri']
        stream_server_address = "127.0.0.1"
        stream_server_port = "0"
      """
          .formatted(
              snapshotter, BuiltinImages.PAUSE, restrictOomScore, MachineCheck.networkPlugins());
    }
    return """
    version = 2
    [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "%s"
      restrict_oom_score_adj = %s
      stream_server_address = "127.0.0.1"
      stream_server_port = "0"
    [plugins."io.containerd.grpc.v1.cri".containerd]
      snapshotter = "%s"
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "%s"
      conf_dir = "/etc/cni/net.d"
    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = "/etc/containerd/certs.d"
    """
        .formatted(
            BuiltinImages.PAUSE, restrictOomScore, snapshotter, MachineCheck.networkPlugins());
  }

  /** Leases are on a tmpfs: a node that is powered off forgets them, as it does its pods. */
  public static String network(String podCidr) {
    return """
    {
      "cniVersion": "0.4.0",
      "name": "coxswain",
      "plugins": [
        {
          "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "hairpinMode": true, "ipMasq": false,
          "ipam": {"type": "host-local", "dataDir": "/run/cni/networks", "ranges": [[{"subnet": "%s"}]]}
        },
        {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}
      ]
    }
    """
        .formatted(podCidr);
  }

  private static int majorVersion() {
    String[] words = Shell.must("containerd", "--version").split(" ", -1);
    String version = words.length > 2 ? words[2].replaceFirst("^v", "") : "1";
    return Integer.parseInt(version.replaceFirst("\\..*", ""));
  }

  /** Without the capability a container cannot be given a lower score, and must not be asked to. */
  private static boolean mayRaiseLimits() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("CapEff:"))
          .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
          .anyMatch(capabilities -> (capabilities >> SYS_RESOURCE & 1) == 1);
    } catch (IOException unreadable) {
      throw new CoxException("/proc is not readable: " + unreadable.getMessage(), unreadable);
    }
  }

  /** An overlay cannot lie on an overlay, as when cox itself runs in a container. */
  private static String snapshotter(Path directory) {
    try {
      return Files.getFileStore(directory).type().equals("overlay") ? "native" : "overlayfs";
    } catch (IOException unknown) {
      return "overlayfs";
    }
  }
}
