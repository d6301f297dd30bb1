package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.lease.LeaseClock;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A member whose snapshot is damaged is replaced by the others: only damage must be called that.
 */
final class StoreMachineTest {
  @TempDir private Path directory;

  private static final class Nobody implements StoreMachine.Listener {
    @Override
    public void applied() {}

    @Override
    public void leaderChanged(String leader) {}

    @Override
    public void leading() {}

    @Override
    public void membersChanged() {}

    @Override
    public void memberRemoved(long id) {}

    @Override
    public void logFailed(Throwable cause) {}

    @Override
    public void shutDown() {}
  }

  /** A machine that finds this file when it looks for its snapshot. */
  private StoreMachine machine(Path file) throws IOException {
    SnapshotStorage storage =
        new SnapshotStorage() {
          @Override
          public SingleFileSnapshotInfo loadLatestSnapshot() {
            return new SingleFileSnapshotInfo(new FileInfo(file, null), 1, 5);
          }
        };
    return new StoreMachine(
        new ManualTime(),
        new LeaseClock(),
        new Nobody(),
        new Snapshotter(storage, 1000, new DiskRoom(directory, 0), 1),
        new EarlyRead(directory.resolve("none")),
        new OperationCounts());
  }

  @Test
  void aSnapshotThatCannotBeReadThroughIsDamaged() throws IOException {
    Path file = Files.write(directory.resolve("snapshot.1_5"), new byte[100]);
    StoreMachine machine = machine(file);
    assertThatThrownBy(machine::reinitialize).isInstanceOf(DamagedException.class);
  }

  @Test
  void aSnapshotThatIsNotThereAnyMoreIsDamaged() throws IOException {
    StoreMachine machine = machine(directory.resolve("snapshot.1_5"));
    assertThatThrownBy(machine::reinitialize).isInstanceOf(DamagedException.class);
  }

  @Test
  void aSnapshotThatCannotBeOpenedIsNotDamaged() throws IOException {
    Path file = directory.resolve("snapshot.1_5");
    Files.createSymbolicLink(file, file);
    StoreMachine machine = machine(file);
    assertThatThrownBy(machine::reinitialize)
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(file.toString());
  }
}
