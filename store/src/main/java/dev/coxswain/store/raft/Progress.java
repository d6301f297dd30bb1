package dev.coxswain.store.raft;

import java.util.concurrent.atomic.AtomicLong;

/** How far replication has come on this member, in figures. */
public final class Progress {
  private final RaftNode raft;
  private final Proposer proposer;
  private final AtomicLong leaderChanges = new AtomicLong();

  Progress(RaftNode raft, Proposer proposer) {
    this.raft = raft;
    this.proposer = proposer;
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
}
