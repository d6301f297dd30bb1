package dev.coxswain.store.raft;

import java.io.IOException;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Ratis tidies old snapshots every time it has asked for a new one, which is after every entry;
 * this looks into the directory only when there is a new one. And while there is none, Ratis looks
 * for one with every message to a follower; here what was found at the start holds until one is
 * written or received.
 */
class SnapshotStorage extends SimpleStateMachineStorage {
  private volatile boolean none;
  private long tidiedUpTo = -1;

  @Override
  public @Nullable SingleFileSnapshotInfo loadLatestSnapshot() {
    SingleFileSnapshotInfo found = super.loadLatestSnapshot();
    none = found == null;
    return found;
  }

  @Override
  public SingleFileSnapshotInfo updateLatestSnapshot(SingleFileSnapshotInfo info) {
    none = false;
    return super.updateLatestSnapshot(info);
  }

  @Override
  public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
    return none ? null : super.getLatestSnapshot();
  }

  @Override
  public void cleanupOldSnapshots(@Nullable SnapshotRetentionPolicy policy) throws IOException {
    SingleFileSnapshotInfo latest = getLatestSnapshot();
    if (latest == null || latest.getIndex() <= tidiedUpTo) {
      return;
    }
    tidiedUpTo = latest.getIndex();
    super.cleanupOldSnapshots(policy);
  }
}
