package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.lease.LeaseClock;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.machine.StoreState;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Leases on the leader, the only one who counts their time: renews, tells, and ends them. */
final class LeaseKeeper {
  /** Leases ended in one tick; the rest wait for the next. */
  private static final int EXPIRIES_A_TICK = 1_000;

  private final LeaseClock clock;
  private final Supplier<StoreState> state;
  private final ReadGate gate;
  private final Proposer proposer;
  private final Time time;
  private final OperationCounts counts;
  private volatile boolean leads;

  LeaseKeeper(
      LeaseClock clock,
      Supplier<StoreState> state,
      ReadGate gate,
      Proposer proposer,
      Time time,
      OperationCounts counts) {
    this.clock = clock;
    this.state = state;
    this.gate = gate;
    this.proposer = proposer;
    this.time = time;
    this.counts = counts;
  }

  /** This member leads: every lease starts anew, since nobody here knows when it was renewed. */
  void lead() {
    clock.lead(state.get().leases(), time.nanos());
    leads = true;
  }

  /** Another member leads, or none. */
  void follow() {
    leads = false;
    clock.follow();
  }

  /** Whether this member keeps the time. */
  boolean leads() {
    return leads;
  }

  /** Renews a lease and returns its time to live in seconds; fails when there is none. */
  CompletableFuture<Long> keepAlive(long lease) {
    return gate.pass().thenCompose(ignored -> renew(lease));
  }

  private CompletableFuture<Long> renew(long lease) {
    LeaseTable.Grant grant = state.get().leases().find(lease);
    if (grant == null) {
      return CompletableFuture.failedFuture(StoreError.LEASE_NOT_FOUND.exception());
    }
    return switch (clock.renew(lease, grant.seconds(), time.nanos())) {
      case RENEWED -> {
        counts.leaseRenewed();
        yield CompletableFuture.completedFuture(grant.seconds());
      }
      case UNKNOWN -> CompletableFuture.failedFuture(StoreError.LEASE_NOT_FOUND.exception());
      // Clients give a lease up for good when they hear that it is gone: only who counts may say
      // so, and only once it is, with its keys.
      case ELSEWHERE -> CompletableFuture.failedFuture(new NotLeading());
      case ENDING -> clock.decided(lease).thenCompose(ignored -> renew(lease));
    };
  }

  /** Whole seconds a lease has left, or -1 when there is none. */
  CompletableFuture<Long> timeToLive(long lease) {
    return gate.pass().thenApply(ignored -> secondsLeft(lease));
  }

  private long secondsLeft(long lease) {
    LeaseTable.Grant grant = state.get().leases().find(lease);
    if (grant == null) {
      return -1;
    }
    OptionalLong left = clock.secondsLeft(lease, time.nanos());
    if (left.isEmpty() && !clock.leading()) {
      throw new NotLeading();
    }
    // Granted a moment ago, its time not yet counted: it has all of it.
    return left.orElse(grant.seconds());
  }

  /** Revokes those whose time is over. Called now and then. */
  void endExpired() {
    for (long lease : clock.takeExpired(time.nanos(), EXPIRIES_A_TICK)) {
      var revocation = LeaseRevokeRequest.newBuilder().setID(lease).build();
      var _ =
          proposer
              .propose(new Operation.LeaseRevoke(revocation))
              .whenComplete((outcome, failure) -> {
                // A refusal ends no lease either, as while an alarm says that data is corrupt.
                if (!(outcome instanceof Outcome.Done)) {
                  clock.retry(lease);
                }
              });
    }
  }
}
