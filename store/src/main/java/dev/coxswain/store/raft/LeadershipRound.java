package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Confirms that this member has not been superseded: it asks the others for their term and waits
 * until a majority has named none higher than its own. Whoever is elected later needs the vote of
 * one of them, given after it was asked; so whatever another leader acknowledges was written after
 * the round began, and what was committed here by then is all that a read has to see.
 *
 * <p>Ratis' own confirmation is not used. An index it confirmed once it takes for confirmed for
 * ever ({@code ReadIndexHeartbeats.ackedCommitIndex}); and its lease trusts followers not to vote
 * while they hear of their leader, which they do for a candidate of a higher term ({@code
 * VoteContext.checkTerm}).
 */
final class LeadershipRound {
  private final Voters voters;
  private final Time time;
  private final Duration patience;

  /** This member's part in the cluster, and how to ask the others. */
  interface Voters {
    /** Leads, and has applied everything of its predecessors. */
    boolean leadsReady();

    /** The term as this member knows it. */
    long term();

    /** The last index known to be committed here. */
    long committedIndex();

    /**
     * The voters by identity, this one among them: those of the configuration in force, and while
     * it is being changed, those of the one before too. A majority of each is needed.
     */
    Collection<Set<Long>> configurations();

    /** Asks another member for its term. */
    CompletableFuture<Long> askTerm(long member, long now, Duration patience);

    /** This member. */
    long self();

    /** Completes when an index was applied here. */
    CompletableFuture<Void> applied(long index);
  }

  /** A round that waits so long for a majority. */
  LeadershipRound(Voters voters, Time time, Duration patience) {
    this.voters = voters;
    this.time = time;
    this.patience = patience;
  }

  /** Completes once everything committed before the call was applied here; fails if not leading. */
  CompletableFuture<Void> confirm() {
    if (!voters.leadsReady()) {
      return CompletableFuture.failedFuture(new NotLeading());
    }
    long term = voters.term();
    long index = voters.committedIndex();
    return agreed(term)
        .thenCompose(ignored ->
            voters.leadsReady() && voters.term() == term
                ? voters.applied(index)
                : CompletableFuture.failedFuture(new NotLeading()));
  }

  private CompletableFuture<Void> agreed(long term) {
    Collection<Set<Long>> configurations = voters.configurations();
    Set<Long> agreeing = ConcurrentHashMap.newKeySet();
    agreeing.add(voters.self());
    if (majorities(configurations, agreeing)) {
      return CompletableFuture.completedFuture(null);
    }
    Set<Long> asked = new HashSet<>();
    configurations.forEach(asked::addAll);
    asked.remove(voters.self());
    CompletableFuture<Void> round = new CompletableFuture<>();
    AtomicInteger unanswered = new AtomicInteger(asked.size());
    for (long member : asked) {
      var _ =
          voters
              .askTerm(member, time.nanos(), patience)
              .whenComplete((answered, failure) -> {
                if (failure == null && answered > term) {
                  round.completeExceptionally(new NotLeading());
                } else if (failure == null) {
                  agreeing.add(member);
                  if (majorities(configurations, agreeing)) {
                    round.complete(null);
                  }
                }
                if (unanswered.decrementAndGet() == 0) {
                  round.completeExceptionally(new NotLeading());
                }
              });
    }
    return round;
  }

  /** Whether these are a majority of each configuration. */
  static boolean majorities(Collection<Set<Long>> configurations, Set<Long> agreeing) {
    for (Set<Long> configuration : configurations) {
      long here = configuration.stream().filter(agreeing::contains).count();
      if (here <= configuration.size() / 2) {
        return false;
      }
    }
    return true;
  }
}
