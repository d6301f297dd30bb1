package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotStorageTest {
  @TempDir private Path directory;
  private final SnapshotStorage storage = new SnapshotStorage();

  @BeforeEach
  void opens() throws IOException {
    try (RaftStorage raft =
        RaftStorage.newBuilder()
            .setDirectory(directory.toFile())
            .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
            .setOption(RaftStorage.StartupOption.FORMAT)
            .build()) {
      raft.initialize();
      Files.createDirectories(raft.getStorageDir().getStateMachineDir().toPath());
      storage.init(raft);
    }
  }

  /** Ratis asks with every message to a follower, which must not cost a look at the disk. */
  @Test
  void whereThereIsNoneTheDirectoryIsNotLookedAtAgain() throws IOException {
    assertThat(storage.getLatestSnapshot()).isNull();
    Files.createFile(storage.getSnapshotFile(1, 10).toPath());
    assertThat(storage.getLatestSnapshot()).isNull();
  }

  @Test
  void whatWasReceivedIsFound() throws IOException {
    Files.createFile(storage.getSnapshotFile(1, 10).toPath());
    assertThat(storage.loadLatestSnapshot()).isNotNull();
    assertThat(storage.getLatestSnapshot()).isNotNull().returns(10L, found -> found.getIndex());
  }

  @Test
  void whatWasWrittenIsFound() throws IOException {
    Path file = Files.createFile(storage.getSnapshotFile(1, 10).toPath());
    var _ =
        storage.updateLatestSnapshot(
            new SingleFileSnapshotInfo(new FileInfo(file, null), TermIndex.valueOf(1, 10)));
    assertThat(storage.getLatestSnapshot()).isNotNull().returns(10L, found -> found.getIndex());
  }
}
