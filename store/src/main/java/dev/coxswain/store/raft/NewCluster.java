package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.Founder;
import dev.coxswain.store.member.MemberMark;
import dev.coxswain.store.snapshot.StateCapture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.util.AtomicFileOutputStream;
import org.apache.ratis.util.SizeInBytes;

/**
 * Lays out the data directories of a cluster that begins with a given state instead of none. Every
 * founding member does this for itself, from the same state: they get the same identities. These
 * hang on the state too, so that members of the cluster it was taken from are refused even if
 * somebody forgot to give a new token.
 */
public final class NewCluster {
  /** The place in the log that the state takes; what is written next comes after it. */
  private static final long TERM = 1;

  private static final long STATE_INDEX = 1;
  private static final long CONFIGURATION_INDEX = 0;

  private final List<Founder> founders;
  private final String token;

  /** A cluster of these founders; the origin says which state it begins with. */
  public NewCluster(List<Founder> founders, String token, String origin) {
    this.founders = founders;
    this.token = token + "@" + origin;
  }

  /** The members the state is to have. */
  public Members members() {
    Members members = new Members();
    for (Founder founder : founders) {
      members.set(
          Member.newBuilder()
              .setID(founder.id(token))
              .setName(founder.name())
              .addPeerURLs(founder.peerUrl().toString())
              .build());
    }
    return members;
  }

  /** Makes the data directory of one founder, which must be empty or not exist. */
  public void lay(Path directory, Founder self, StoreState state) throws IOException {
    checkEmpty(directory);
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    MemberMark mark = MemberMark.founding(self, founders, token);
    Path log = directory.resolve(MemberMark.LOG).resolve(mark.group().toString());
    Files.createDirectories(log);
    try (RaftStorage storage =
        RaftStorage.newBuilder()
            .setDirectory(log.toFile())
            .setOption(RaftStorage.StartupOption.FORMAT)
            .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
            .setLogCorruptionPolicy(CorruptionPolicy.EXCEPTION)
            .build()) {
      storage.initialize();
      storage.getMetadataFile().persist(RaftStorageMetadata.valueOf(TERM, null));
      try (OutputStream out =
          new AtomicFileOutputStream(
              storage
                  .getStorageDir()
                  .getCurrentDir()
                  .toPath()
                  .resolve("raft-meta.conf")
                  .toFile())) {
        configuration().writeTo(out);
      }
      Path snapshots = storage.getStorageDir().getStateMachineDir().toPath();
      Files.createDirectories(snapshots);
      Snapshotter.write(
          StateCapture.of(state), snapshots.resolve("snapshot." + TERM + "_" + STATE_INDEX));
    }
    // The mark comes last: without it the directory counts as empty of any member.
    mark.asFormed().write(directory);
  }

  private LogEntryProto configuration() {
    RaftConfigurationProto.Builder peers = RaftConfigurationProto.newBuilder();
    for (Founder founder : founders) {
      peers.addPeers(RaftNode.peer(founder.id(token), founder.peerUrl()).getRaftPeerProto());
    }
    return LogEntryProto.newBuilder()
        .setTerm(TERM)
        .setIndex(CONFIGURATION_INDEX)
        .setConfigurationEntry(peers)
        .build();
  }

  private static void checkEmpty(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      if (files.iterator().hasNext()) {
        throw new IOException("data-dir \"" + directory + "\" not empty or could not be read");
      }
    }
  }
}
