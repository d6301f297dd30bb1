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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One node's containerd: its configuration, its network plugins' configuration, its images. */
public final class Containerd {
  private static final Duration IMPORT_DEADLINE = Duration.ofMinutes(2);
  private static final String SOCKET = "/run/containerd/containerd.sock";
  private static final String NAMESPACE = "k8s.io";

  /** How ctr before version 2 and since names an image that it imported. */
  private static final Pattern IMPORTED =
      Pattern.compile("unpacking (?<old>\\S+) .*|(?<name>\\S+)\\s+saved\\s*");

  /** Bit of CAP_SYS_RESOURCE in a capability set. */
  private static final int SYS_RESOURCE = 24;

  private static final List<String> PROGRAMS =
      List.of("containerd", "containerd-shim-runc-v2", "ctr");

  private final ClusterSpec spec;

  Containerd(ClusterSpec spec) {
    this.spec = spec;
  }

  /** Fails unless the folder holds what a containerd is made of; returns its full path. */
  public static String requireFolder(Path folder) {
    for (String program : PROGRAMS) {
      if (!Files.isExecutable(folder.resolve(program))) {
        throw new CoxException("no " + program + " in " + folder + " to run as the nodes' own");
      }
    }
    return folder.toAbsolutePath().normalize().toString();
  }

  List<String> command() {
    return List.of(program("containerd"));
  }

  /** Shims are looked for in the path: they must be of containerd's own version. */
  List<String> environment() {
    return spec.containerd() == null
        ? List.of()
        : List.of("PATH=" + spec.containerd() + ":" + Launcher.PATH);
  }

  private String program(String name) {
    return spec.containerd() == null ? name : spec.containerd() + "/" + name;
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

  /** Writes the configuration below the node's own directory. */
  void configure(ClusterSpec.Node node, Path directory) {
    PemFiles.writePublic(
        directory.resolve("etc/containerd/config.toml"),
        configuration(majorVersion(), !mayRaiseLimits(), snapshotter(directory)));
    PemFiles.writePublic(
        directory.resolve("etc/cni/net.d/10-coxswain.conflist"), network(node.podCidr()));
  }

  /** Imports an archive's images, all platforms that fit this machine. */
  void importArchive(ClusterSpec.Node node, ProcessRef init, Path archive) {
    Shell.Result result = control(init, List.of("images", "import", archive.toString()));
    if (!result.succeeded()) {
      throw new CoxException(
          "cannot import " + archive + " into " + node.name() + ": " + result.err());
    }
    imported(result.out()).forEach(image -> pin(node, init, image));
  }

  /** The images' names in what {@code ctr images import} says. */
  static List<String> imported(String output) {
    return output
        .lines()
        .map(IMPORTED::matcher)
        .filter(Matcher::matches)
        .map(line -> line.group("old") == null ? line.group("name") : line.group("old"))
        .toList();
  }

  /** What was imported by hand can be had from nowhere else: no kubelet may clear it away. */
  private void pin(ClusterSpec.Node node, ProcessRef init, String image) {
    Shell.Result result =
        control(init, List.of("images", "label", image, "io.cri-containerd.pinned=pinned"));
    if (!result.succeeded()) {
      throw new CoxException(
          "cannot pin image " + image + " in " + node.name() + ": " + result.err());
    }
  }

  List<String> images(ProcessRef init) {
    Shell.Result result = control(init, List.of("images", "list", "--quiet"));
    return result.succeeded() ? result.out().lines().toList() : List.of();
  }

  private Shell.Result control(ProcessRef init, List<String> arguments) {
    var line =
        new ArrayList<>(
            List.of(
                program("ctr"), "--address", socket(init).toString(), "--namespace", NAMESPACE));
    line.addAll(arguments);
    return Shell.run(line, IMPORT_DEADLINE);
  }

  /**
   * The configuration file of a containerd of that major version; of version 2 since 2.1, which
   * knows the plugins' folder by another name than 2.0 did.
   */
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
        bin_dirs = ["%s"]
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

  private int majorVersion() {
    String[] words = Shell.must(program("containerd"), "--version").split(" ", -1);
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
