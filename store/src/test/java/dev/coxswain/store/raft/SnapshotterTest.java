package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.Transaction;
import dev.coxswain.store.snapshot.SnapshotFile;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotterTest {
  private static final byte[] KEY = {'k'};
  private static final TermIndex APPLIED = TermIndex.valueOf(1, 10);

  @TempDir private Path directory;
  private final CountDownLatch mayWrite = new CountDownLatch(1);

  /** Lets the writing thread begin only when the test says so. */
  private final class Held extends SnapshotStorage {
    @Override
    public File getSnapshotFile(long term, long index) {
      try {
        mayWrite.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return file().toFile();
    }
  }

  private Path file() {
    return directory.resolve("snapshot.1_10");
  }

  /** A capture that is not written yet still needs the versions a compaction would free. */
  @Test
  void historyIsHeldFromTheMomentOfTheCapture() throws IOException, InterruptedException {
    StoreState state = fiveVersions();
    Snapshotter snapshotter = new Snapshotter(new Held(), 1, new DiskRoom(directory, 0), 0);
    snapshotter.step(state, APPLIED);

    assertThat(snapshotter.history().tryAcquire()).isFalse();
    state.keyspace().compact(5);
    mayWrite.countDown();
    snapshotter.history().acquire();
    state.keyspace().sweep();

    assertThat(Files.exists(file())).isTrue();
    StoreState read = SnapshotFile.read(file());
    assertThat(read.keyspace().hash(read.keyspace().revision()))
        .isEqualTo(fiveVersions().keyspace().hash(6));
  }

  private static StoreState fiveVersions() {
    StoreState state = new StoreState();
    for (int i = 0; i < 5; i++) {
      Transaction transaction = state.keyspace().begin();
      transaction.put(KEY, ByteString.copyFrom(new byte[] {(byte) i}), 0);
      transaction.commit();
    }
    return state;
  }

  @Test
  void whileSomebodyHasTheHistoryNothingIsCaptured() throws InterruptedException {
    Snapshotter snapshotter = new Snapshotter(new Held(), 1, new DiskRoom(directory, 0), 0);
    snapshotter.history().acquire();
    StoreState state = fiveVersions();
    snapshotter.step(state, APPLIED);
    snapshotter.history().release();
    assertThat(snapshotter.history().tryAcquire()).isTrue();
  }
}
