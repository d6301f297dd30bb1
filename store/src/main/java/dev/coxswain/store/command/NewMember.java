package dev.coxswain.store.command;

import dev.coxswain.store.member.Founder;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.NewCluster;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The member of a new cluster that is to be made, by etcdctl's flags for a restore. */
final class NewMember {
  @Option(
      names = "--name",
      defaultValue = "default",
      description = "The member's name. Default: ${DEFAULT-VALUE}.")
  private String name = "default";

  @Option(
      names = "--initial-cluster",
      description = "The new cluster: name=https://host:port,... Default: this member alone.")
  private @Nullable String initialCluster;

  @Option(
      names = "--initial-cluster-token",
      defaultValue = "etcd-cluster",
      description =
          "Keeps clusters apart; give one that was never used, the same for all members."
              + " Default: ${DEFAULT-VALUE}.")
  private String token = "etcd-cluster";

  @Option(
      names = "--initial-advertise-peer-urls",
      defaultValue = "http://localhost:2380",
      description = "The member's peer URL. Default: ${DEFAULT-VALUE}.")
  private String peerUrl = "";

  @Option(names = "--data-dir", description = "Where to. Default: <name>.etcd.")
  private @Nullable Path dataDirectory;

  Path dataDirectory() {
    Path given = dataDirectory;
    return given == null ? Path.of(name + ".etcd") : given;
  }

  private List<Founder> founders() {
    String given = initialCluster;
    return Founder.parse(given == null ? name + "=" + peerUrl : given);
  }

  /** The founder that this member is. */
  Founder self() {
    MemberUrl advertised = MemberUrl.parse(peerUrl, "--initial-advertise-peer-urls");
    Founder self =
        founders().stream()
            .filter(founder -> founder.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "couldn't find local name \""
                        + name
                        + "\" in the initial cluster configuration"));
    if (!self.peerUrl().equals(advertised)) {
      throw new IllegalArgumentException(
          "--initial-cluster has %s for \"%s\", --initial-advertise-peer-urls has %s"
              .formatted(self.peerUrl(), name, advertised));
    }
    return self;
  }

  NewCluster cluster(String origin) {
    return new NewCluster(founders(), token, origin);
  }
}
