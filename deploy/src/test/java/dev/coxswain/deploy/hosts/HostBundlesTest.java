package dev.coxswain.deploy.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.deploy.cluster.Home;
import dev.coxswain.deploy.hosts.HostPlan.Host;
import dev.coxswain.runtime.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostBundlesTest {
  private static final Host SERVER = new Host("cp-1", "192.168.7.11");
  private static final Host NODE = new Host("node-1", "192.168.7.21");

  @TempDir Path directory;

  @Test
  void aHostGetsWhatItsProcessesReadAndNoOtherKey() throws IOException {
    HostBundles bundles = make();

    assertThat(keys(bundles.directory(NODE)))
        .containsExactlyInAnyOrder(
            "pki/nodes/node-1-serving.key",
            "pki/kubeconfigs/kubelet-node-1.conf",
            "pki/kubeconfigs/proxy-node-1.conf");
    assertThat(keys(bundles.directory(SERVER)))
        .contains("pki/sa.key", "pki/ca.key", "pki/apiserver.key", "pki/etcd/cp-1-peer.key")
        .noneMatch(file -> file.contains("node-1") || file.contains("admin"))
        .doesNotContain("pki/etcd/ca.key", "pki/front-proxy-ca.key");
  }

  @Test
  void everyFileThatAFlagNamesIsThere() throws IOException {
    HostBundles bundles = make();

    for (Host host : List.of(SERVER, NODE)) {
      Path files = bundles.directory(host).resolve("files");
      try (Stream<Path> all = Files.list(files.resolve("etc/coxswain"))) {
        for (Path environment : all.toList()) {
          for (String flag : Files.readString(environment).split("[ \"]", -1)) {
            if (flag.contains("=/var/lib/coxswain/") && !flag.startsWith("--data-dir=")) {
              assertThat(Path.of(files + flag.substring(flag.indexOf('=') + 1)))
                  .as(flag)
                  .isRegularFile();
            }
          }
        }
      }
    }
  }

  @Test
  void madeAgainKeysStayAsTheyWere() throws IOException {
    HostBundles bundles = make();
    Path key = bundles.directory(SERVER).resolve("files/var/lib/coxswain/pki/ca.key");
    String before = Files.readString(key);
    make();
    assertThat(key).hasContent(before);
  }

  private HostBundles make() {
    HostPlan plan = HostPlan.empty("abc").with(List.of(SERVER), List.of(NODE), List.of());
    var bundles = new HostBundles(new Home(directory), plan, new SystemTime());
    bundles.make(new byte[] {1});
    return bundles;
  }

  /** The files that only their owner may read, below /var/lib/coxswain. */
  private static Set<String> keys(Path host) throws IOException {
    Path target = host.resolve("files/var/lib/coxswain");
    try (Stream<Path> files = Files.walk(target)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> {
            try {
              return Files.getPosixFilePermissions(file)
                  .equals(PosixFilePermissions.fromString("rw-------"));
            } catch (IOException gone) {
              throw new java.io.UncheckedIOException(gone);
            }
          })
          .map(file -> target.relativize(file).toString())
          .collect(Collectors.toSet());
    }
  }
}
