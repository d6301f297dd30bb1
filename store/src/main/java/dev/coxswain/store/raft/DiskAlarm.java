package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.AlarmRequest.AlarmAction;
import dev.coxswain.proto.etcd.AlarmResponse;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member whose disk is full says so by the NOSPACE alarm, from which on no member takes anything
 * that needs room. When there is room again it withdraws the alarm; one that was raised because of
 * the quota comes back with the next write, if it was meant.
 */
final class DiskAlarm {
  private static final Logger LOG = LoggerFactory.getLogger(DiskAlarm.class);

  private final long self;
  private final DiskRoom room;
  private final Supplier<StoreState> state;
  private final Function<Operation, CompletableFuture<?>> write;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** A member that is behind does not see yet that it has raised the alarm, and asks again. */
  private final AtomicReference<AlarmAction> told = new AtomicReference<>(AlarmAction.GET);

  private volatile boolean wasShort;

  DiskAlarm(
      long self,
      DiskRoom room,
      Supplier<StoreState> state,
      Function<Operation, CompletableFuture<?>> write) {
    this.self = self;
    this.room = room;
    this.state = state;
    this.write = write;
    this.wasShort = room.isShort();
  }

  /** Called now and then, by one thread at a time. */
  void look() {
    room.look();
    boolean isShort = !room.recover();
    if (isShort) {
      wasShort = true;
    }
    boolean raised = state.get().alarms().contains(new StoreState.Alarm(self, AlarmType.NOSPACE));
    if (isShort && !raised) {
      ask(AlarmAction.ACTIVATE);
    } else if (!isShort && wasShort) {
      // Also when it is not seen to be raised: a member that is behind may have yet to see it.
      ask(AlarmAction.DEACTIVATE);
    }
  }

  private void ask(AlarmAction action) {
    if (!asking.compareAndSet(false, true)) {
      return;
    }
    AlarmRequest request =
        AlarmRequest.newBuilder()
            .setAction(action)
            .setMemberID(self)
            .setAlarm(AlarmType.NOSPACE)
            .build();
    var _ =
        write
            .apply(new Operation.Alarm(request))
            .whenComplete((done, failure) -> {
              if (failure == null && action == AlarmAction.DEACTIVATE) {
                wasShort = false;
              }
              asking.set(false);
              boolean changed = done instanceof AlarmResponse answer && answer.getAlarmsCount() > 0;
              if (changed && told.getAndSet(action) != action) {
                LOG.warn(
                    action == AlarmAction.ACTIVATE
                        ? "the disk is full: the NOSPACE alarm is raised"
                        : "the disk has room again: the NOSPACE alarm is withdrawn");
              }
            });
  }
}
