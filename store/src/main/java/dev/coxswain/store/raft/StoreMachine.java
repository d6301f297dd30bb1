package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.lease.LeaseClock;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.snapshot.StateCapture;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties the replicated state to Ratis: its log drives {@link StoreState}, nothing else does. */
final class StoreMachine extends BaseStateMachine {
  private static final Logger LOG = LoggerFactory.getLogger(StoreMachine.class);

  /** Whom to tell that something changed; called on the applying thread, so it must not block. */
  interface Listener {
    /** Operations were applied. */
    void applied();

    /** Another member leads now, or none; an empty name for none. */
    void leaderChanged(String leader);

    /** This member leads and has applied all that came before. */
    void leading();

    /** Members were listed, or what is known of them changed. */
    void membersChanged();

    /** A member was removed, for good. */
    void memberRemoved(long id);

    /** The log cannot be written any more: this process must not go on. */
    void logFailed(Throwable cause);

    /** Ratis gave up, for a reason it has logged, or because it was told to. */
    void shutDown();
  }

  private final Time time;
  private final LeaseClock leaseClock;
  private final Listener listener;
  private final SnapshotStorage storage;
  private final EarlyRead early;
  private final Snapshotter snapshotter;
  private final OperationCounts counts;
  private volatile StoreState state = new StoreState();

  /** Held while the state changes: who captures it sees it between two entries. */
  private final Object applying = new Object();

  /** A state and the place in the log that it stands at. */
  record Captured(StateCapture state, TermIndex at) {}

  StoreMachine(
      Time time,
      LeaseClock leaseClock,
      Listener listener,
      Snapshotter snapshotter,
      EarlyRead early,
      OperationCounts counts) {
    this.time = time;
    this.leaseClock = leaseClock;
    this.listener = listener;
    this.snapshotter = snapshotter;
    this.storage = snapshotter.storage();
    this.early = early;
    this.counts = counts;
  }

  StoreState state() {
    return state;
  }

  Snapshotter snapshotter() {
    return snapshotter;
  }

  /** The last log index applied. */
  long applied() {
    return getLastAppliedTermIndex().getIndex();
  }

  // Entries that are Ratis' own, such as a new configuration.
  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    super.notifyTermIndexUpdated(term, index);
    listener.applied();
  }

  /** Captures the state from any thread. */
  Captured capture() {
    synchronized (applying) {
      return new Captured(StateCapture.of(state), getLastAppliedTermIndex());
    }
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage)
      throws IOException {
    super.initialize(server, groupId, raftStorage);
    storage.init(raftStorage);
    Snapshotter.discardUnfinished(raftStorage.getStorageDir().getStateMachineDir().toPath());
    getLifeCycle().transition(LifeCycle.State.STARTING);
    load(storage.getLatestSnapshot());
    getLifeCycle().transition(LifeCycle.State.RUNNING);
  }

  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  @Override
  public void reinitialize() throws IOException {
    load(storage.loadLatestSnapshot());
    if (getLifeCycleState() == LifeCycle.State.PAUSED) {
      getLifeCycle().transition(LifeCycle.State.STARTING);
      getLifeCycle().transition(LifeCycle.State.RUNNING);
    }
    listener.applied();
  }

  private void load(@Nullable SingleFileSnapshotInfo snapshot) throws IOException {
    if (snapshot == null) {
      return;
    }
    long began = time.nanos();
    StoreState read;
    try {
      read = early.take(snapshot.getFile().getPath());
    } catch (NoSuchFileException e) {
      throw new DamagedException(snapshot.getFile().getPath() + " is lost", e);
    } catch (FileSystemException e) {
      // Not permitted, say, or too many files are open: an operator sees to that, as with the log.
      // For damage this member would have itself removed by the others.
      throw e;
    } catch (IOException e) {
      throw new DamagedException(String.valueOf(e.getMessage()), e);
    }
    snapshotter.taken(snapshot.getIndex());
    // Whoever captures meanwhile sees the one state at its place, or the other at its own.
    synchronized (applying) {
      state = read;
      setLastAppliedTermIndex(snapshot.getTermIndex());
    }
    listener.membersChanged();
    LOG.info(
        "waited for the snapshot at index {} ({} MiB) for {} ms: revision {}, {} keys",
        snapshot.getIndex(),
        snapshot.getFile().getFileSize() >> 20,
        Duration.ofNanos(time.nanos() - began).toMillis(),
        state.keyspace().revision(),
        state.keyspace().liveKeys());
  }

  @Override
  public SnapshotStorage getStateMachineStorage() {
    return storage;
  }

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
    TransactionContext context = super.startTransaction(request);
    if (request.getMessage() instanceof BatchMessage message) {
      context.setStateMachineContext(message.batch());
    }
    return context;
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction) {
    if (transaction.getStateMachineContext() instanceof Batch batch) {
      batch.markAppended(time.nanos());
    }
    return transaction;
  }

  @Override
  public CompletableFuture<Message> query(Message request) {
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    StateMachineLogEntryProto body = entry.getStateMachineLogEntry();
    Batch batch = transaction.getStateMachineContext() instanceof Batch proposed ? proposed : null;
    if (batch != null) {
      batch.markCommitted(time.nanos());
    }
    try {
      List<Operation> operations =
          batch == null
              ? OperationCodec.decode(EntryBytes.of(body.getLogData()))
              : batch.operations();
      synchronized (applying) {
        apply(operations, batch);
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      }
    } catch (IOException e) {
      // A committed entry that cannot be read: going on would fork this member from the others.
      listener.logFailed(e);
      return CompletableFuture.failedFuture(e);
    }
    snapshotter.applied(body.getLogData().size());
    listener.applied();
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  private void apply(List<Operation> operations, @Nullable Batch batch) {
    StoreState current = state;
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      long before = current.keyspace().revision();
      Outcome outcome = current.apply(operation);
      if (outcome instanceof Outcome.Done done) {
        follow(current, operation, done, before);
      }
      if (batch != null) {
        batch.answer(i, outcome);
      }
    }
  }

  private void follow(
      StoreState current, Operation operation, Outcome.Done done, long revisionBefore) {
    switch (operation) {
      case Operation.LeaseGrant grant -> {
        LeaseTable.Grant granted = current.leases().find(grant.request().getID());
        if (granted != null) {
          leaseClock.start(granted.id(), granted.seconds(), time.nanos());
        }
        counts.leaseGranted();
      }
      case Operation.LeaseRevoke revoke -> {
        leaseClock.end(revoke.request().getID());
        long revision = current.keyspace().revision();
        boolean held = revision > revisionBefore;
        counts.leaseRevoked(held ? current.keyspace().written(revision).length : 0);
      }
      case Operation.Compact ignored -> {}
      case Operation.Put ignored -> counts.put();
      case Operation.DeleteRange ignored -> counts.deletion();
      case Operation.Txn ignored -> counts.transaction((TxnResponse) done.response());
      case Operation.Alarm ignored -> {}
      case Operation.MemberSet ignored -> listener.membersChanged();
      case Operation.MemberAdd ignored -> listener.membersChanged();
      case Operation.MemberUpdate ignored -> listener.membersChanged();
      case Operation.MemberPromote ignored -> {}
      case Operation.MemberRemove remove -> listener.memberRemoved(remove.member().getID());
    }
  }

  @Override
  public long takeSnapshot() {
    TermIndex applied = getLastAppliedTermIndex();
    return applied.getIndex() < 0 ? RaftLog.INVALID_LOG_INDEX : snapshotter.step(state, applied);
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    listener.leaderChanged(leader == null ? "" : leader.toString());
  }

  @Override
  public void notifyLeaderReady() {
    listener.leading();
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto role, boolean allServers) {
    listener.shutDown();
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
    listener.logFailed(cause);
  }
}
