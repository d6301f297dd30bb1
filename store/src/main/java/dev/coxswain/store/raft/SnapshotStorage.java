package dev.coxswain.store.raft;

import java.io.IOException;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Ratis tidies old snapshots every time it has asked for a new one, which is after every entry;
 * this looks into the directory only when there is a new one.
 */
class SnapshotStorage extends SimpleStateMachineStorage {
  private long tidiedUpTo = -1;

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
