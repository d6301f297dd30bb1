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
 * the wish stands for as long as the request may take. But as long as a leader tries, it refuses
 * all writes: to hand over to a member that is down must not cost more than an election.
 */
final class LeaderMove {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private final Group group;
  private final Time time;
  private final Duration attempt;

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

  /**
   * Moves within a group.
   *
   * @param attempt how long a leader tries: it takes no writes meanwhile
   */
  LeaderMove(Group group, Time time, Duration attempt) {
    this.group = group;
    this.time = time;
    this.attempt = attempt;
  }

  /** Completes when the member leads; fails with etcd's errors where that takes too long. */
  CompletableFuture<Void> to(long memberId, Duration patience) {
    return to(memberId, time.nanos() + patience.toNanos());
  }

  private CompletableFuture<Void> to(long memberId, long deadline) {
    long term = group.term();
    long began = time.nanos();
    Duration patience = Duration.ofNanos(Math.min(attempt.toNanos(), deadline - began));
    return group
        .transferLeadership(memberId, patience)
        .handle((done, failure) -> failure)
        .thenCompose(failure ->
            failure == null
                ? done()
                : afterFailure(memberId, deadline, term, time.nanos() - began, failure));
  }

  private CompletableFuture<Void> afterFailure(
      long memberId, long deadline, long term, long took, Throwable failure) {
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
    // What was refused at once would be so for the same reason, again and again.
    return took < BETWEEN_LOOKS.toNanos() && group.term() == term
        ? tooLong()
        : outcome(memberId, deadline, term);
  }

  // The member may still be about to be elected.
  private CompletableFuture<Void> outcome(long memberId, long deadline, long term) {
    Optional<Long> leader = group.leader();
    if (leader.equals(Optional.of(memberId))) {
      return done();
    }
    if (deadline - time.nanos() <= 0) {
      return tooLong();
    }
    if (group.term() > term && leader.isPresent()) {
      return group.leads() ? to(memberId, deadline) : tooLong();
    }
    CompletableFuture<Void> later = new CompletableFuture<>();
    time.after(
        BETWEEN_LOOKS,
        () -> {
          try {
            var _ =
                outcome(memberId, deadline, term)
                    .whenComplete((done, failure) -> {
                      if (failure == null) {
                        later.complete(null);
                      } else {
                        later.completeExceptionally(failure);
                      }
                    });
          } catch (RuntimeException closed) {
            later.completeExceptionally(closed);
          }
        });
    return later;
  }

  private static CompletableFuture<Void> tooLong() {
    return CompletableFuture.failedFuture(StoreError.TIMEOUT_LEADER_TRANSFER.exception());
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
