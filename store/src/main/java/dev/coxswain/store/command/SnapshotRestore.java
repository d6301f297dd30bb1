package dev.coxswain.store.command;

import dev.coxswain.store.backup.EtcdSnapshotReader;
import dev.coxswain.store.backup.SnapshotStatus;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.Founder;
import dev.coxswain.store.raft.NewCluster;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cox store snapshot restore FILE}: the data directory of one member of a new cluster. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the data directory of one member of a new cluster that begins with a snapshot.",
      "Run it for each member with the same file, cluster and token, then start them."
    })
final class SnapshotRestore extends OperatorTask {
  @Parameters(paramLabel = "FILE", description = "The snapshot, of this store or of an etcd.")
  private Path file = Path.of("snapshot.db");

  @Mixin private NewMember member = new NewMember();

  @Option(
      names = "--skip-hash-check",
      description = "Takes a file without a checksum: the copy of a database.")
  private boolean skipHashCheck;

  @Override
  int run() throws IOException {
    if (!skipHashCheck) {
      EtcdSnapshotReader.verify(file);
    }
    Founder self = member.self();
    SnapshotStatus status = SnapshotStatus.of(file);
    NewCluster cluster =
        member.cluster(Integer.toHexString(status.hash()) + "/" + status.revision());
    StoreState state = EtcdSnapshotReader.read(file, cluster.members());
    cluster.lay(member.dataDirectory(), self, state);
    say(
        "restored revision %d with %d keys to %s"
            .formatted(
                state.keyspace().revision(), state.keyspace().liveKeys(), member.dataDirectory()));
    return 0;
  }
}
