package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.raft.StoreNode;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the store within its space. The first write that would not fit raises the NOSPACE alarm
 * through the log, so that all members refuse from the same entry on, until space was made and the
 * alarm disarmed.
 */
public final class Quota {
  private static final Logger LOG = LoggerFactory.getLogger(Quota.class);

  private final StoreNode node;
  private final long bytes;
  private final AtomicBoolean raising = new AtomicBoolean();

  /** A quota in bytes, as the keyspace counts its own heap. */
  public Quota(StoreNode node, long bytes) {
    this.node = node;
    this.bytes = bytes;
  }

  /** The limit in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Refuses a write of about this many bytes when there is no room for it. */
  void admit(int cost) {
    if (node.shortOfRoom()) {
      throw StoreError.NO_SPACE.exception();
    }
    if (node.state().keyspace().heapBytes() + cost <= bytes) {
      return;
    }
    if (!node.state().outOfSpace()) {
      raise();
    }
    throw StoreError.NO_SPACE.exception();
  }

  private void raise() {
    if (!raising.compareAndSet(false, true)) {
      return;
    }
    LOG.warn("the quota of {} bytes is used up: raising the NOSPACE alarm", bytes);
    AlarmRequest request =
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setMemberID(node.memberId())
            .setAlarm(AlarmType.NOSPACE)
            .build();
    var _ =
        node.write(new Operation.Alarm(request))
            .whenComplete((done, failure) -> raising.set(false));
  }
}
