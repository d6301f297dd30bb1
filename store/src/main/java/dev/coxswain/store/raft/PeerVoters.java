package dev.coxswain.store.raft;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The real members, asked over the peer port. */
final class PeerVoters implements LeadershipRound.Voters {
  private final long self;
  private final RaftNode raft;
  private final PeerPort peers;
  private final AppliedIndex applied;

  PeerVoters(long self, RaftNode raft, PeerPort peers, AppliedIndex applied) {
    this.self = self;
    this.raft = raft;
    this.peers = peers;
    this.applied = applied;
  }

  @Override
  public boolean leadsReady() {
    return raft.leadsReady();
  }

  @Override
  public long term() {
    return raft.term();
  }

  @Override
  public long committedIndex() {
    return raft.committedIndex();
  }

  @Override
  public Collection<Set<Long>> configurations() {
    return raft.voters();
  }

  @Override
  public CompletableFuture<Long> askTerm(long member, long now, Duration patience) {
    return raft.address(member)
        .map(address -> peers.ask(address, new byte[] {PeerCall.TERM}, now, patience))
        .map(asked -> asked.thenApply(PeerCall::accepted).thenApply(PeerCall::number))
        .orElseGet(() -> CompletableFuture.failedFuture(new NotLeading()));
  }

  @Override
  public long self() {
    return self;
  }

  @Override
  public CompletableFuture<Void> applied(long index) {
    return applied.reached(index);
  }
}
