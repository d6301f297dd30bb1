package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;

/**
 * Hands leadership to a member that an operator has named. Ratis gives up at the first election
 * that the member does not win, which on a busy machine may be won by the old leader; as with etcd
 * the wish stands for as long as the request may take.
 */
final class LeaderMove {
  private final Group group;
  private final Time time;

  /** What a move wants of Raft. */
  interface Group {
    /** Whether this member leads. */
    boolean leads();

    /** The term as this member knows it. */
    long term();

    /** Who leads, if that is known. */
    Optional<Long> leader();

    /** Tries once; completes when the member leads. */
    CompletableFuture<?> transferLeadership(long memberId, Duration patience);
  }

  LeaderMove(Group group, Time time) {
    this.group = group;
    this.time = time;
  }

  /** Completes when the member leads; fails with etcd's errors where that takes too long. */
  CompletableFuture<Void> to(long memberId, Duration patience) {
    return to(memberId, time.nanos() + patience.toNanos(), patience);
  }

  private CompletableFuture<Void> to(long memberId, long deadline, Duration patience) {
    long term = group.term();
    return group
        .transferLeadership(memberId, patience)
        .handle((done, failure) -> failure)
        .thenCompose(
            failure -> failure == null ? done() : afterFailure(memberId, deadline, term, failure));
  }

  private CompletableFuture<Void> afterFailure(
      long memberId, long deadline, long term, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (group.leader().equals(Optional.of(memberId))) {
      return done();
    }
    if (cause instanceof NotLeaderException) {
      return CompletableFuture.failedFuture(StoreError.NOT_LEADER.exception());
    }
    if (!(cause instanceof TransferLeadershipException)) {
      return CompletableFuture.failedFuture(cause);
    }
    long left = deadline - time.nanos();
    // Without an election in between it would fail at once for the same reason, again and again.
    return group.leads() && group.term() > term && left > 0
        ? to(memberId, deadline, Duration.ofNanos(left))
        : CompletableFuture.failedFuture(StoreError.TIMEOUT_LEADER_TRANSFER.exception());
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
