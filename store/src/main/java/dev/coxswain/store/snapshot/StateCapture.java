package dev.coxswain.store.snapshot;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.Keyspace;
import java.util.Collection;
import java.util.List;

/**
 * The state at one moment. Taken on the applying thread in no time, since keys are versioned: what
 * is written afterwards has a later revision and is left out. The keyspace must not be swept while
 * a capture is being written.
 */
public record StateCapture(
    Keyspace keyspace,
    long revision,
    long compactRevision,
    Collection<LeaseTable.Grant> leases,
    List<Member> members,
    Collection<Long> removedMembers,
    List<StoreState.Alarm> alarms) {

  /** Captures a state. */
  public static StateCapture of(StoreState state) {
    return new StateCapture(
        state.keyspace(),
        state.keyspace().revision(),
        state.keyspace().compactRevision(),
        state.leases().grants(),
        state.members().all(),
        state.members().removedIds(),
        state.alarms());
  }
}
