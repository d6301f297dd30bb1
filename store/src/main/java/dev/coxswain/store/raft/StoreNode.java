package dev.coxswain.store.raft;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.backup.EtcdSnapshot;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.lease.LeaseClock;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.machine.TxnExecutor;
import dev.coxswain.store.mvcc.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.ratis.protocol.exceptions.RaftException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This member of the store: takes requests wherever they arrive, has the leader replicate them, and
 * answers. What needs the leader is tried until there is one, for a while; what may have reached
 * the log is never tried twice.
 */
public final class StoreNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreNode.class);

  /** The longest any request takes; etcd's own is five seconds and two election timeouts. */
  private static final Duration PATIENCE = Duration.ofSeconds(7);

  /** How many election timeouts a request waits for a leader before it is told there is none. */
  private static final int ELECTIONS_WAITED = 4;

  /** How long a stopping leader waits for its successor. */
  private static final Duration HAND_OVER_PATIENCE = Duration.ofSeconds(2);

  private static final Duration TICK = Duration.ofMillis(250);

  /** From learning of one's removal to the end. */
  private static final Duration LEAVING = Duration.ofSeconds(1);

  private static final String ENDED = "replication has ended by itself; the reason is logged above";

  /** Leases ended in one tick; the rest wait for the next. */
  private static final int EXPIRIES_A_TICK = 1_000;

  private final NodeConfig config;
  private final Time time;
  private final Halt halt;
  private final Executor workers;
  private final AutoCompaction compaction;
  private final LeaseClock leaseClock = new LeaseClock();
  private final StoreMachine machine;
  private final PeerPort peers;
  private final RaftNode raft;
  private final Proposer proposer;
  private final ReadGate readGate;
  private final CopyOnWriteArrayList<Runnable> applyListeners = new CopyOnWriteArrayList<>();
  private final CopyOnWriteArrayList<Runnable> leadListeners = new CopyOnWriteArrayList<>();
  private final LeaderRoute route;
  private final Membership membership;
  private final Knocking knocking;
  private volatile Runnable removed = () -> {};
  private volatile boolean closed;
  private volatile boolean left;
  private final AtomicBoolean ending = new AtomicBoolean();
  private volatile boolean leaseClockRuns;
  private volatile Time.Timer tick = () -> {};
  private final AtomicLong leaderChanges = new AtomicLong();

  /**
   * Builds the member without starting it.
   *
   * @param workers runs reads, which may be long
   * @param halt called when the process must not go on, with the reason
   */
  public StoreNode(NodeConfig config, Time time, Executor workers, Halt halt) throws IOException {
    this.config = config;
    this.time = time;
    this.halt = halt;
    this.compaction = new AutoCompaction(config.compaction());
    this.workers = workers;
    LogRepair.repair(config.directory());
    this.machine = new StoreMachine(time, leaseClock, new Events(), config.snapshotEntries());
    this.peers = new PeerPort(config.tls(), this::serve);
    this.raft = new RaftNode(config, machine, peers, time);
    this.proposer = new Proposer(raft, time, PATIENCE);
    this.readGate = new ReadGate(raft::confirmRead);
    this.route =
        new LeaderRoute(
            config.memberId(),
            raft,
            peers,
            time,
            PATIENCE,
            config.electionTimeout().multipliedBy(ELECTIONS_WAITED));
    this.membership =
        new Membership(
            config.memberId(),
            raft,
            machine::state,
            operation -> proposer.propose(operation).thenApply(StoreNode::response));
    this.knocking =
        new Knocking(
            config.memberId(), raft, peers, config.others(), workers, this::leave, time.nanos());
  }

  /** Stops the process for a reason. */
  @FunctionalInterface
  public interface Halt {
    /** Called once, from any thread. */
    void halt(String reason);
  }

  private final class Events implements StoreMachine.Listener {
    @Override
    public void applied() {
      applyListeners.forEach(Runnable::run);
    }

    @Override
    public void leaderChanged(String leader) {
      leaderChanges.incrementAndGet();
      if (!leader.equals(RaftNode.peerId(config.memberId()).toString())) {
        leaseClockRuns = false;
        leaseClock.follow();
      }
      LOG.info("leader: {}", leader.isEmpty() ? "none" : leader);
    }

    @Override
    public void leading() {
      leaseClock.lead(machine.state().leases(), time.nanos());
      leaseClockRuns = true;
      workers.execute(() -> leadListeners.forEach(Runnable::run));
      workers.execute(StoreNode.this::followMembers);
    }

    @Override
    public void memberRemoved(long id) {
      if (id == config.memberId()) {
        leave();
      }
    }

    @Override
    public void shutDown() {
      ended();
    }

    @Override
    public void logFailed(Throwable cause) {
      halt.halt("the log cannot be written or read any more: " + cause);
    }
  }

  /** Starts taking part. */
  public void start() throws IOException {
    raft.start();
    scheduleTick();
  }

  /** Calls back after every applied entry, on the applying thread. */
  public void onApply(Runnable listener) {
    applyListeners.add(listener);
  }

  /** Calls back when this member has become leader. */
  public void onLead(Runnable listener) {
    leadListeners.add(listener);
  }

  /** Calls back when this member was removed and the answers under way have been given. */
  public void onRemoved(Runnable listener) {
    removed = listener;
  }

  private void leave() {
    if (left) {
      return;
    }
    left = true;
    LOG.warn("this member was removed from the cluster");
    // Whoever asked this very member for it still gets the answer.
    time.after(
        LEAVING,
        () -> {
          route.close();
          removed.run();
        });
  }

  // Ratis also ends a member that was removed before it could learn of it: the others know.
  private void ended() {
    if (!closed && !left && ending.compareAndSet(false, true)) {
      workers.execute(() -> {
        knocking.knock();
        if (!left) {
          halt.halt(ENDED);
        }
      });
    }
  }

  private void followMembers() {
    var _ =
        membership
            .follow()
            .whenComplete((done, failure) -> {
              if (failure != null) {
                LOG.warn("the members taking part are not as decided yet: {}", failure.toString());
              }
            });
  }

  /** The state as applied here; another object after a snapshot was installed. */
  public StoreState state() {
    return machine.state();
  }

  /** This member's identity. */
  public long memberId() {
    return config.memberId();
  }

  /** The leader's identity, if one is known. */
  public Optional<Long> leader() {
    return raft.leader();
  }

  /** Whether this member leads. */
  public boolean leads() {
    return raft.leads();
  }

  /** How often the leader changed since this process started. */
  public long leaderChanges() {
    return leaderChanges.get();
  }

  /** Operations without an answer yet. */
  public int pendingProposals() {
    return proposer.pending();
  }

  /** Raft's term. */
  public long term() {
    return raft.term();
  }

  /** The last log index applied here. */
  public long appliedIndex() {
    return raft.appliedIndex();
  }

  /** The last log index known to be committed here. */
  public long committedIndex() {
    return raft.committedIndex();
  }

  // ---- writes ----

  /** Replicates an operation and returns its response; fails with a {@link StoreException}. */
  public CompletableFuture<Message> write(Operation operation) {
    return route.onLeader(
        () -> proposer.propose(operation).thenApply(StoreNode::response),
        () -> PeerCall.frame(PeerCall.WRITE, OperationCodec.encode(List.of(operation))),
        answer -> decode(() -> PeerCall.response(operation, answer)));
  }

  /**
   * Carries out a change of the members, and answers when it is in force; a newcomer's is when it
   * is listed.
   */
  public CompletableFuture<Message> changeMembers(Operation operation) {
    return route.onLeader(
        () -> changeMembersHere(operation),
        () -> PeerCall.frame(PeerCall.CHANGE_MEMBERS, OperationCodec.encode(List.of(operation))),
        answer -> decode(() -> PeerCall.response(operation, answer)));
  }

  // A leader that is to go makes another one leader first: nobody has to miss it.
  private CompletableFuture<Message> changeMembersHere(Operation operation) {
    Optional<Long> successor = raft.freshestFollower();
    boolean own =
        operation instanceof Operation.MemberRemove remove
            && remove.member().getID() == config.memberId();
    if (own && successor.isPresent()) {
      return raft.transferLeadership(successor.get(), HAND_OVER_PATIENCE)
          .thenCompose(ignored -> CompletableFuture.failedFuture(new NotLeading()));
    }
    try {
      return membership.change(operation);
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<byte[]> admit(long id) {
    if (machine.state().members().wasRemoved(id)) {
      return CompletableFuture.failedFuture(StoreError.MEMBER_NOT_FOUND.exception());
    }
    if (!raft.leadsReady()) {
      return CompletableFuture.failedFuture(new NotLeading());
    }
    // Off the event loop: Ratis starts threads for it.
    return CompletableFuture.completedFuture(id)
        .thenComposeAsync(membership::admit, workers)
        .thenApply(ignored -> new byte[] {PeerCall.DONE});
  }

  private static Message response(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> done.response();
      case Outcome.Refused refused -> throw refused.error().exception();
    };
  }

  // ---- reads ----

  /** Answers a range: here if it may be stale, else as of now by the leader. */
  public CompletableFuture<RangeResponse> range(RangeRequest request) {
    if (request.getSerializable()) {
      return CompletableFuture.supplyAsync(() -> localRange(request), workers);
    }
    return route.onLeader(
        () -> confirmed(() -> localRange(request), request.getRangeEnd().isEmpty()),
        () ->
            PeerCall.frame(
                request.getRangeEnd().isEmpty() ? PeerCall.GET : PeerCall.RANGE, request),
        answer -> decode(() -> RangeResponse.parseFrom(PeerCall.body(answer))));
  }

  /** Answers a transaction that writes nothing. */
  public CompletableFuture<TxnResponse> readTxn(TxnRequest request, boolean serializable) {
    if (serializable) {
      return CompletableFuture.supplyAsync(() -> localTxn(request), workers);
    }
    return route.onLeader(
        () -> confirmed(() -> localTxn(request), false),
        () -> PeerCall.frame(PeerCall.READ_TXN, request),
        answer -> decode(() -> TxnResponse.parseFrom(PeerCall.body(answer))));
  }

  private <T> CompletableFuture<T> confirmed(Supplier<T> read, boolean quick) {
    CompletableFuture<Void> confirmed = readGate.pass();
    return quick
        ? confirmed.thenApply(ignored -> read.get())
        : confirmed.thenApplyAsync(ignored -> read.get(), workers);
  }

  private RangeResponse localRange(RangeRequest request) {
    var keyspace = machine.state().keyspace();
    long current = keyspace.revision();
    if (request.getRevision() > 0) {
      keyspace.checkReadable(request.getRevision());
    }
    RangeResponse.Builder response = RangeReader.read(keyspace, request, current);
    if (request.getRevision() > 0) {
      // A compaction beside the reading may have left holes in it.
      keyspace.checkReadable(request.getRevision());
    }
    return response.setHeader(header(current)).build();
  }

  private TxnResponse localTxn(TxnRequest request) {
    var keyspace = machine.state().keyspace();
    TxnResponse.Builder response = TxnExecutor.read(keyspace, request);
    return response.setHeader(header(keyspace.revision())).build();
  }

  private static ResponseHeader.Builder header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision);
  }

  // ---- leases ----

  /** Renews a lease and returns its time to live in seconds; fails when there is none. */
  public CompletableFuture<Long> keepAlive(long lease) {
    return route.onLeader(
        () -> readGate.pass().thenApply(ignored -> renew(lease)),
        () -> PeerCall.number(PeerCall.KEEP_ALIVE, lease),
        PeerCall::number);
  }

  private long renew(long lease) {
    LeaseTable.Grant grant = machine.state().leases().find(lease);
    if (grant == null || !leaseClock.renew(lease, grant.seconds(), time.nanos())) {
      throw StoreError.LEASE_NOT_FOUND.exception();
    }
    return grant.seconds();
  }

  /** Whole seconds a lease has left, or -1 when there is none. */
  public CompletableFuture<Long> timeToLive(long lease) {
    return route.onLeader(
        () -> readGate.pass().thenApply(ignored -> secondsLeft(lease)),
        () -> PeerCall.number(PeerCall.TIME_TO_LIVE, lease),
        PeerCall::number);
  }

  private long secondsLeft(long lease) {
    return machine.state().leases().contains(lease)
        ? leaseClock.secondsLeft(lease, time.nanos()).orElse(0)
        : -1;
  }

  private void endExpiredLeases() {
    for (long lease : leaseClock.takeExpired(time.nanos(), EXPIRIES_A_TICK)) {
      var _ =
          proposer
              .propose(
                  new Operation.LeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build()))
              .whenComplete((outcome, failure) -> {
                if (failure != null) {
                  leaseClock.retry(lease);
                }
              });
    }
  }

  // ---- the other side of it ----

  private CompletableFuture<byte[]> serve(byte[] request) {
    CompletableFuture<byte[]> answer;
    try {
      answer = answer(request);
    } catch (StoreException e) {
      answer = CompletableFuture.failedFuture(e);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    return answer.handle((done, failure) -> {
      if (failure == null) {
        return done;
      }
      return switch (LeaderRoute.cause(failure)) {
        case StoreException refused -> PeerCall.refusal(refused.error());
        case NotLeading ignored -> new byte[] {PeerCall.NOT_LEADING};
        case RaftException ignored -> new byte[] {PeerCall.NOT_LEADING};
        case Throwable other -> throw new CompletionException(other);
      };
    });
  }

  private CompletableFuture<byte[]> answer(byte[] request) throws IOException {
    if (request[0] == PeerCall.CLUSTER) {
      return CompletableFuture.completedFuture(
          Introduction.answer(config.group(), machine.state()));
    }
    if (request[0] == PeerCall.JOIN) {
      return admit(PeerCall.number(request));
    }
    if (!raft.leadsReady()) {
      return CompletableFuture.failedFuture(new NotLeading());
    }
    CodedInputStream body = PeerCall.body(request);
    return switch (request[0]) {
      case PeerCall.WRITE -> {
        List<Operation> operations =
            OperationCodec.decode(ByteBuffer.wrap(request, 1, request.length - 1));
        yield proposer.propose(operations.getFirst()).thenApply(PeerCall::outcome);
      }
      case PeerCall.CHANGE_MEMBERS -> {
        List<Operation> operations =
            OperationCodec.decode(ByteBuffer.wrap(request, 1, request.length - 1));
        yield changeMembersHere(operations.getFirst())
            .thenApply(message -> PeerCall.frame(PeerCall.DONE, message));
      }
      case PeerCall.GET -> {
        RangeRequest range = RangeRequest.parseFrom(body);
        yield confirmed(() -> PeerCall.frame(PeerCall.DONE, localRange(range)), true);
      }
      case PeerCall.RANGE -> {
        RangeRequest range = RangeRequest.parseFrom(body);
        yield confirmed(() -> PeerCall.frame(PeerCall.DONE, localRange(range)), false);
      }
      case PeerCall.READ_TXN -> {
        TxnRequest txn = TxnRequest.parseFrom(body);
        yield confirmed(() -> PeerCall.frame(PeerCall.DONE, localTxn(txn)), false);
      }
      case PeerCall.KEEP_ALIVE ->
          readGate
              .pass()
              .thenApply(
                  ignored -> PeerCall.number(PeerCall.DONE, renew(PeerCall.number(request))));
      case PeerCall.TIME_TO_LIVE ->
          readGate
              .pass()
              .thenApply(
                  ignored -> PeerCall.number(PeerCall.DONE, secondsLeft(PeerCall.number(request))));
      default -> throw new IOException("a peer asked for an unknown kind " + request[0]);
    };
  }

  private interface Decoding<T> {
    T decode() throws IOException;
  }

  private static <T> T decode(Decoding<T> decoding) {
    try {
      return decoding.decode();
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  // ---- housekeeping ----

  private void scheduleTick() {
    if (!closed) {
      tick = time.after(TICK, this::tick);
    }
  }

  private void tick() {
    if (!closed && !raft.alive()) {
      ended();
      return;
    }
    try {
      proposer.expire();
      peers.expire(time.nanos());
      if (!left) {
        knocking.look(time.nanos());
      }
      if (leaseClockRuns) {
        endExpiredLeases();
        compactOldHistory();
      }
      sweep();
    } catch (RuntimeException e) {
      LOG.error("housekeeping failed; it is tried again", e);
    } finally {
      scheduleTick();
    }
  }

  private void compactOldHistory() {
    compaction
        .look(time.nanos(), machine.state().keyspace().revision())
        .ifPresent(revision -> {
          var request = CompactionRequest.newBuilder().setRevision(revision).build();
          var _ =
              proposer
                  .propose(new Operation.Compact(request))
                  .whenComplete((outcome, failure) ->
                      LOG.info("compacted history before revision {}", revision));
        });
  }

  private void sweep() {
    var keyspace = machine.state().keyspace();
    if (keyspace.needsSweep() && machine.snapshotter().sweepLock().tryLock()) {
      try {
        keyspace.sweep();
      } finally {
        machine.snapshotter().sweepLock().unlock();
      }
    }
  }

  /**
   * Writes all that this member has applied to a new file, as etcd's database, and returns the
   * revision it holds. Writes go on meanwhile; only the freeing of compacted history waits.
   */
  public long writeSnapshot(Path file) throws IOException {
    ReentrantLock sweeping = machine.snapshotter().sweepLock();
    sweeping.lock();
    try {
      StoreMachine.Captured captured = machine.capture();
      EtcdSnapshot.write(captured.state(), captured.at().getTerm(), captured.at().getIndex(), file);
      return captured.state().revision();
    } finally {
      sweeping.unlock();
    }
  }

  /** Hands leadership to a member. */
  public CompletionStage<?> transferLeadership(long memberId) {
    return raft.transferLeadership(memberId, PATIENCE);
  }

  /**
   * Before a stop: gives leadership to a member that is up to date, so that nobody has to miss it.
   */
  public void handOver() {
    try {
      if (raft.leads()) {
        raft.freshestFollower()
            .ifPresent(follower ->
                raft.transferLeadership(follower, HAND_OVER_PATIENCE)
                    .handle((done, failure) -> failure == null)
                    .join());
      }
    } catch (IllegalStateException e) {
      LOG.debug("leadership was not handed over: {}", e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    route.close();
    tick.cancel();
    raft.close();
    peers.close();
  }
}
