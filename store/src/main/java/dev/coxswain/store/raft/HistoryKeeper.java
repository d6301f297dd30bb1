package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.backup.EtcdSnapshot;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys' history: has it compacted by the policy, frees what was, and writes it out whole. */
final class HistoryKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryKeeper.class);

  /** While less than this is left on the disk, the log shall have it. */
  private static final long LEFT_BYTES = 48L << 20;

  private final StoreMachine machine;
  private final Proposer proposer;
  private final AutoCompaction compaction;
  private final LongPredicate fits;
  private final Time time;

  /**
   * Keeps the history of a member.
   *
   * @param fits whether so many bytes can be written to its disk and leave room for the log
   */
  HistoryKeeper(
      StoreMachine machine,
      Proposer proposer,
      AutoCompaction.Policy compaction,
      LongPredicate fits,
      Time time) {
    this.machine = machine;
    this.proposer = proposer;
    this.compaction = new AutoCompaction(compaction);
    this.fits = fits;
    this.time = time;
  }

  /**
   * Looks whether a compaction is due; the leader proposes it. The others look on, so that whoever
   * leads next knows what is old, and does not wait for all of the time anew.
   */
  void compact(boolean leads) {
    var keyspace = machine.state().keyspace();
    OptionalLong due =
        compaction.look(time.nanos(), keyspace.revision(), keyspace.compactRevision());
    if (leads) {
      due.ifPresent(this::propose);
    }
  }

  private void propose(long revision) {
    var request = CompactionRequest.newBuilder().setRevision(revision).build();
    var _ =
        proposer
            .propose(new Operation.Compact(request))
            .whenComplete((outcome, failure) -> {
              if (outcome instanceof Outcome.Done) {
                LOG.info("compacted history before revision {}", revision);
              } else {
                LOG.info(
                    "history before revision {} was not compacted: {}",
                    revision,
                    outcome instanceof Outcome.Refused refused ? refused.error() : failure);
              }
            });
  }

  /** Frees what was compacted, unless somebody is reading all of the history. */
  void sweep() {
    Semaphore history = machine.snapshotter().history();
    if (machine.state().keyspace().needsSweep() && history.tryAcquire()) {
      free(history);
    }
  }

  /** Frees what was compacted, after whoever is reading all of the history. */
  void sweepInTurn() {
    Semaphore history = machine.snapshotter().history();
    history.acquireUninterruptibly();
    free(history);
  }

  private void free(Semaphore history) {
    try {
      var keyspace = machine.state().keyspace();
      if (keyspace.needsSweep()) {
        keyspace.sweep();
      }
    } finally {
      history.release();
    }
  }

  /** Writes all that was applied to a new file, as etcd's database; returns its revision. */
  long write(Path file) throws IOException {
    Semaphore history = machine.snapshotter().history();
    history.acquireUninterruptibly();
    try {
      StoreMachine.Captured captured = machine.capture();
      EtcdSnapshot.write(
          captured.state(), captured.at().getTerm(), captured.at().getIndex(), file, this::room);
      return captured.state().revision();
    } finally {
      history.release();
    }
  }

  // On a disk that is full the whole cluster takes nothing any more: no snapshot is worth that.
  private void room() throws IOException {
    if (!fits.test(LEFT_BYTES)) {
      throw new IOException("there is no room on the disk for a snapshot");
    }
  }
}
