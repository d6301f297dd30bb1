package dev.coxswain.store.raft;

import java.util.concurrent.atomic.AtomicLong;

/** How far replication has come on this member, in figures. */
public final class Progress {
  private final RaftNode raft;
  private final Proposer proposer;
  private final LeaderRoute route;
  private final AtomicLong leaderChanges = new AtomicLong();

  Progress(RaftNode raft, Proposer proposer, LeaderRoute route) {
    this.raft = raft;
    this.proposer = proposer;
    this.route = route;
  }

  void leaderChanged() {
    leaderChanges.incrementAndGet();
  }

  /** How often the leader changed since this node was started. */
  public long leaderChanges() {
    return leaderChanges.get();
  }

  /** Raft's term. */
  public long term() {
    return raft.term();
  }

  /** The last log index known to be committed here. */
  public long committedIndex() {
    return raft.committedIndex();
  }

  /** The last log index applied here. */
  public long appliedIndex() {
    return raft.appliedIndex();
  }

  /** Operations without an answer yet. */
  public int pendingProposals() {
    return proposer.pending();
  }

  /**
   * Operations that were asked of this member and failed, or of which it could not be known in
   * time; what was refused by the rules is not among them.
   */
  public long failedProposals() {
    return route.failedProposals();
  }
}
