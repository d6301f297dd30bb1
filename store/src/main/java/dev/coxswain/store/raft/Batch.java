package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.proto.etcd.WriteTimes;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The proposals that share one log entry. Whether the entry ever reached the log decides what a
 * failure means: before, they may simply be proposed again; after, nobody can know yet.
 */
public final class Batch {
  /** From how long on a transaction's answer says where its time went, in nanoseconds. */
  private static final long SLOW = 100_000_000;

  private final List<Proposal> proposals;
  private long begunAt;
  private long patience;
  private volatile boolean appended;
  private long appendedAt;
  private volatile boolean committed;
  private long committedAt;

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
    Proposal proposal = proposals.get(index);
    proposal.answer().complete(timed(outcome, begunAt - arrived(proposal)));
  }

  private Outcome timed(Outcome outcome, long waited) {
    boolean slow = committed && waited + committedAt - begunAt >= SLOW;
    if (!slow
        || !(outcome instanceof Outcome.Done done)
        || !(done.response() instanceof TxnResponse transaction)) {
      return outcome;
    }
    WriteTimes times =
        WriteTimes.newBuilder()
            .setWaited(waited)
            .setAppended(appendedAt - begunAt)
            .setCommitted(committedAt - appendedAt)
            .build();
    return new Outcome.Done(
        transaction.toBuilder()
            .setHeader(transaction.getHeader().toBuilder().setWriteTimes(times))
            .build());
  }

  /** Notes since when it is on its way, and how long after its coming a proposal is too late. */
  void markBegun(long now, long patienceNanos) {
    begunAt = now;
    patience = patienceNanos;
  }

  private long arrived(Proposal proposal) {
    return proposal.deadline() - patience;
  }

  /** Notes that the entry is in the leader's log, and since when. */
  public void markAppended(long now) {
    appendedAt = now;
    appended = true;
  }

  /** Notes that the entry is about to be applied, and since when. */
  void markCommitted(long now) {
    committedAt = now;
    committed = true;
  }

  /** Where its time went, if it came that far. */
  Optional<EntryTimes> times(long answered) {
    return appended && committed
        ? Optional.of(
            new EntryTimes(
                proposals.size(),
                begunAt - arrived(proposals.getFirst()),
                appendedAt - begunAt,
                committedAt - appendedAt,
                answered - committedAt))
        : Optional.empty();
  }

  /** By when the first of them wants its answer. */
  long deadline() {
    return proposals.getFirst().deadline();
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
    return !proposals.isEmpty() && deadline() - now <= 0;
  }
}
