package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.AlarmRequest.AlarmAction;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.lease.LeaseClock;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.machine.StoreState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A client gives a lease up for good when it hears that it is gone: so it must be. */
final class LeaseKeeperTest {
  private static final long LEASE = 7;
  private static final Duration GRANTED = Duration.ofSeconds(10);

  private final ManualTime time = new ManualTime();
  private final StoreState state = new StoreState();
  private final LeaseClock clock = new LeaseClock();
  private final Queue<Entry> log = new ArrayDeque<>();
  private final Proposer proposer =
      new Proposer(
          batch -> {
            Entry entry = new Entry(batch, new CompletableFuture<>());
            log.add(entry);
            return entry.done();
          },
          time,
          Duration.ofMinutes(1));
  private final LeaseKeeper keeper =
      new LeaseKeeper(
          clock,
          () -> state,
          new ReadGate(() -> CompletableFuture.completedFuture(null)),
          proposer,
          time,
          new OperationCounts());

  private record Entry(Batch batch, CompletableFuture<Object> done) {}

  LeaseKeeperTest() {
    var granted =
        state.apply(
            new Operation.LeaseGrant(
                LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(GRANTED.toSeconds()).build()));
    assertThat(granted).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void whoDoesNotCountSendsElsewhereAndSaysNothingOfTheLease() {
    assertThat(failure(keeper.keepAlive(LEASE))).isInstanceOf(NotLeading.class);
    assertThat(failure(keeper.timeToLive(LEASE))).isInstanceOf(NotLeading.class);
    keeper.lead();
    assertThat(keeper.keepAlive(LEASE)).isCompletedWithValue(GRANTED.toSeconds());
    assertThat(keeper.timeToLive(LEASE)).isCompletedWithValue(GRANTED.toSeconds());
    keeper.follow();
    assertThat(failure(keeper.keepAlive(LEASE))).isInstanceOf(NotLeading.class);
    assertThat(failure(keeper.timeToLive(LEASE))).isInstanceOf(NotLeading.class);
  }

  @Test
  void aLeaseThatIsBeingEndedIsToldGoneOnceItsKeysAreToo() {
    expire();
    CompletableFuture<Long> renewal = keeper.keepAlive(LEASE);
    assertThat(renewal).as("the majority has not decided").isNotDone();
    apply(log.remove());
    assertThat(failure(renewal))
        .isInstanceOfSatisfying(
            StoreException.class,
            refused -> assertThat(refused.error()).isEqualTo(StoreError.LEASE_NOT_FOUND));
    assertThat(keeper.timeToLive(LEASE)).isCompletedWithValue(-1L);
  }

  @Test
  void aLeaseThatCouldNotBeEndedIsRenewed() {
    expire();
    CompletableFuture<Long> renewal = keeper.keepAlive(LEASE);
    Entry lost = log.remove();
    lost.done().completeExceptionally(new NotLeading());
    assertThat(renewal).isCompletedWithValue(GRANTED.toSeconds());
    assertThat(keeper.timeToLive(LEASE)).isCompletedWithValue(GRANTED.toSeconds());
  }

  @Test
  void aLeaseWhoseEndIsRefusedIsRenewedOrEndedLater() {
    alarm(AlarmAction.ACTIVATE);
    expire();
    CompletableFuture<Long> renewal = keeper.keepAlive(LEASE);
    apply(log.remove());
    assertThat(renewal).isCompletedWithValue(GRANTED.toSeconds());
    alarm(AlarmAction.DEACTIVATE);
    expire();
    apply(log.remove());
    assertThat(keeper.timeToLive(LEASE)).isCompletedWithValue(-1L);
  }

  @Test
  void aLeaderThatIsReplacedMeanwhileSendsElsewhere() {
    expire();
    CompletableFuture<Long> renewal = keeper.keepAlive(LEASE);
    keeper.follow();
    assertThat(failure(renewal)).isInstanceOf(NotLeading.class);
  }

  private void alarm(AlarmAction action) {
    var outcome =
        state.apply(
            new Operation.Alarm(
                AlarmRequest.newBuilder()
                    .setAction(action)
                    .setMemberID(1)
                    .setAlarm(AlarmType.CORRUPT)
                    .build()));
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
  }

  private void expire() {
    if (!keeper.leads()) {
      keeper.lead();
    }
    time.advance(GRANTED);
    keeper.endExpired();
    assertThat(log).hasSize(1);
  }

  private void apply(Entry entry) {
    Operation operation = entry.batch().operations().getFirst();
    Outcome outcome = state.apply(operation);
    if (outcome instanceof Outcome.Done) {
      clock.end(LEASE);
    }
    entry.batch().answer(0, outcome);
    entry.done().complete("applied");
  }

  private static Throwable failure(CompletableFuture<?> failed) {
    assertThat(failed).isCompletedExceptionally();
    return LeaderRoute.cause(failed.exceptionNow());
  }
}
