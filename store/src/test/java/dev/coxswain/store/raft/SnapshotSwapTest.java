package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.store.disk.DamagedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every place at which a member may end while a snapshot takes the place of the one before. */
final class SnapshotSwapTest {
  @TempDir private Path group;

  @Test
  void aGroupThatIsNotThereYetHasNothingToLookAfter() throws IOException {
    SnapshotSwap.settle(group.resolve("none"));
    SnapshotSwap.check(group.resolve("none"));
    segment("log_inprogress_0");
    SnapshotSwap.settle(group);
    SnapshotSwap.check(group);
  }

  @Test
  void whatWasMovedAsideIsBackWhileNothingIsInItsPlace() throws IOException {
    snapshot("sm.tmp20260101-120000_000", 40);
    snapshot("sm.tmp20260102-120000_000", 90);
    segment("log_0-120");
    SnapshotSwap.settle(group);
    assertThat(group.resolve("sm/snapshot.1_90")).exists();
    assertThat(group).isDirectoryNotContaining("glob:**/sm.tmp*");
    SnapshotSwap.check(group);
  }

  @Test
  void whatWasReplacedIsRemoved() throws IOException {
    snapshot("sm.tmp20260101-120000_000", 90);
    snapshot("sm", 500);
    segment("log_inprogress_501");
    SnapshotSwap.settle(group);
    assertThat(group.resolve("sm/snapshot.1_500")).exists();
    assertThat(group).isDirectoryNotContaining("glob:**/sm.tmp*");
    SnapshotSwap.check(group);
  }

  @Test
  void aLogThatGoesOnWhereNoSnapshotReachesIsDamage() throws IOException {
    segment("log_501-600");
    segment("log_inprogress_601");
    assertThatThrownBy(() -> SnapshotSwap.check(group))
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("entries 0 to 500");
    snapshot("sm", 499);
    assertThatThrownBy(() -> SnapshotSwap.check(group))
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("entries 500 to 500");
    snapshot("sm", 500);
    SnapshotSwap.check(group);
  }

  private void snapshot(String directory, long index) throws IOException {
    Files.createDirectories(group.resolve(directory));
    Files.createFile(group.resolve(directory).resolve("snapshot.1_" + index));
  }

  private void segment(String name) throws IOException {
    Path current = Files.createDirectories(group.resolve("current"));
    Files.createFile(current.resolve(name));
  }
}
