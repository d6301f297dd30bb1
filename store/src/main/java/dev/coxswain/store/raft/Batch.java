package dev.coxswain.store.raft;

import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * The proposals that share one log entry. Whether the entry ever reached the log decides what a
 * failure means: before, they may simply be proposed again; after, nobody can know yet.
 */
public final class Batch {
  private final List<Proposal> proposals;
  private volatile boolean appended;

  Batch(List<Proposal> proposals) {
    this.proposals = proposals;
  }

  /** The operations, in order. */
  public List<Operation> operations() {
    List<Operation> operations = new ArrayList<>(proposals.size());
    for (Proposal proposal : proposals) {
      operations.add(proposal.operation());
    }
    return operations;
  }

  /** Answers the n-th proposal. */
  public void answer(int index, Outcome outcome) {
    proposals.get(index).answer().complete(outcome);
  }

  /** Notes that the entry is in the leader's log. */
  public void markAppended() {
    appended = true;
  }

  boolean appended() {
    return appended;
  }

  /** Whether applying has come to the last of them. */
  boolean answered() {
    return proposals.getLast().answer().isDone();
  }

  int size() {
    return proposals.size();
  }

  void fail(RuntimeException failure) {
    for (Proposal proposal : proposals) {
      proposal.answer().completeExceptionally(failure);
    }
  }

  boolean expired(long now) {
    return !proposals.isEmpty() && proposals.getFirst().deadline() - now <= 0;
  }
}
