package dev.coxswain.store.raft;

import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.MemberListResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.lease.LeaseClock;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.machine.StoreState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.ratis.server.storage.RaftStorageDirectory;
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

  /** How many election timeouts a majority has for telling its term. */
  private static final int ELECTIONS_IN_A_ROUND = 2;

  /** How many election timeouts a leader tries to hand over, and takes no writes. */
  private static final int ELECTIONS_IN_A_MOVE = 2;

  private final NodeConfig config;
  private final Time time;
  private final Executor workers;
  private final Halt halt;
  private final StoreMachine machine;
  private final PeerPort peers;
  private final RaftNode raft;
  private final Proposer proposer;
  private final Reads reads;
  private final Progress progress;
  private final OperationCounts counts = new OperationCounts();
  private final LeaseKeeper leases;
  private final LeaderRoute route;
  private final MemberChanges members;
  private final Knocking knocking;
  private final Departure departure;
  private final LeaderLoss loss;
  private final PeerRequests requests;
  private final HistoryKeeper history;
  private final Housekeeping housekeeping;
  private final AppliedIndex applied;
  private final Receptions receptions;
  private final VoteRecord votes;
  private final Whereabouts whereabouts;
  private final Replay replay;
  private final CopyOnWriteArrayList<Runnable> applyListeners = new CopyOnWriteArrayList<>();
  private final CopyOnWriteArrayList<Runnable> leadListeners = new CopyOnWriteArrayList<>();
  private final CopyOnWriteArrayList<Runnable> closeListeners = new CopyOnWriteArrayList<>();

  /**
   * Builds the member without starting it.
   *
   * @param workers runs reads, which may be long
   * @param halt called when the process must not go on, with the reason
   */
  public StoreNode(NodeConfig config, Time time, Executor workers, Halt halt) throws IOException {
    this.config = config;
    this.time = time;
    this.workers = workers;
    this.halt = halt;
    this.departure = new Departure(time, workers, halt);
    this.replay = new Replay(time);
    Path group = config.directory().resolve(config.group().toString());
    SnapshotSwap.settle(group);
    SnapshotSwap.check(group);
    EarlyRead early = new EarlyRead(group.resolve(Survivor.SNAPSHOTS));
    long began = time.nanos();
    long bytes = LogRepair.repair(config.directory());
    LOG.info(
        "{} MiB of log checked in {} ms",
        bytes >> 20,
        Duration.ofNanos(time.nanos() - began).toMillis());
    LeaseClock leaseClock = new LeaseClock();
    this.machine =
        new StoreMachine(
            time,
            leaseClock,
            new Events(),
            new Snapshotter(
                new SnapshotStorage(), config.snapshotEntries(), config.room(), config.memberId()),
            early,
            counts);
    this.receptions = new Receptions(group.resolve(RaftStorageDirectory.TMP_DIR_NAME));
    this.votes = new VoteRecord(group);
    votes.check();
    this.whereabouts = Whereabouts.read(group.resolve("addresses"), PeerNames.ofThisProcess());
    this.applied = new AppliedIndex(machine::applied, time, PATIENCE);
    this.peers =
        new PeerPort(
            config.tls(), this::serve, List.of(new AppendGate(new Appends()), new VoteGate(votes)));
    this.raft = new RaftNode(config, machine, peers, time);
    this.proposer = new Proposer(raft, time, PATIENCE);
    LeadershipRound round =
        new LeadershipRound(
            new PeerVoters(config.memberId(), raft, peers, applied),
            time,
            config.electionTimeout().multipliedBy(ELECTIONS_IN_A_ROUND));
    ReadGate gate = new ReadGate(round::confirm);
    Reader reader = new Reader(machine::state, machine::applied, gate, workers, counts);
    this.leases = new LeaseKeeper(leaseClock, machine::state, gate, proposer, time, counts);
    this.route =
        new LeaderRoute(
            config.memberId(),
            raft,
            peers,
            time,
            PATIENCE,
            config.electionTimeout().multipliedBy(ELECTIONS_WAITED));
    this.progress = new Progress(raft, proposer, route);
    this.reads = new Reads(reader, route, applied);
    Membership membership =
        new Membership(
            config.memberId(),
            raft,
            machine::state,
            operation -> proposer.propose(operation).thenApply(StoreNode::response));
    this.members =
        new MemberChanges(config.group(), raft, machine::state, membership, route, workers);
    this.knocking =
        new Knocking(
            config.memberId(),
            raft,
            peers,
            config.others(),
            workers,
            departure::leave,
            time.nanos());
    this.history =
        new HistoryKeeper(machine, proposer, config.compaction(), config.room()::fits, time);
    this.loss =
        new LeaderLoss(
            new PeerSurroundings(
                config.memberId(), raft, peers, workers, time, config.electionTimeout()),
            time);
    this.requests = new PeerRequests(raft, reader, leases, proposer, loss, members);
    this.housekeeping = housekeeping();
  }

  /** How it ends when not by {@link #close}. Called from any thread, maybe more than once. */
  public interface Halt {
    /** The process must not go on. */
    void halt(String reason);

    /** This node cannot go on, but a new one may, from what is on disk. */
    void beginAnew(String reason);
  }

  private final class Events implements StoreMachine.Listener {
    @Override
    public void applied() {
      applied.advanced();
      replay.applied(machine.applied());
      applyListeners.forEach(Runnable::run);
    }

    @Override
    public void leaderChanged(String leader) {
      progress.leaderChanged();
      if (leader.equals(RaftNode.peerId(config.memberId()).toString())) {
        keepVote();
      } else {
        leases.follow();
      }
      LOG.info("leader: {}", leader.isEmpty() ? "none" : leader);
      if (!leader.isEmpty()) {
        route.leaderChanged();
      }
    }

    // It voted for itself.
    private void keepVote() {
      try {
        votes.keep();
      } catch (IOException e) {
        halt.beginAnew("its vote cannot be written down: " + e);
      }
    }

    @Override
    public void leading() {
      LOG.info("this member leads, in term {}", raft.term());
      leases.lead();
      workers.execute(() -> leadListeners.forEach(Runnable::run));
      workers.execute(members::follow);
    }

    @Override
    public void membersChanged() {
      whereabouts.follow(machine.state().members(), machine.applied());
    }

    @Override
    public void memberRemoved(long id) {
      if (id == config.memberId()) {
        departure.leave();
      }
    }

    @Override
    public void shutDown() {
      departure.ended(knocking::knock);
    }

    @Override
    public void logFailed(Throwable cause) {
      halt.beginAnew("the log cannot be written or read any more: " + cause);
    }
  }

  private final class Appends implements AppendGate.Watcher {
    @Override
    public void beforeAppend() {
      config.room().look();
    }

    @Override
    public void broken() {
      if (!departure.left() && !departure.closed()) {
        loss.look();
      }
    }
  }

  /** Starts taking part. */
  public void start() throws IOException {
    config.room().recover();
    receptions.discard();
    try {
      raft.start();
    } catch (IOException | CompletionException e) {
      DamagedException damaged = DamagedException.behind(e);
      if (damaged != null) {
        throw damaged;
      }
      throw e;
    }
    replay.begin(machine.applied(), raft.standing().index());
    housekeeping.start();
  }

  /** Calls back after every applied entry, on the applying thread. */
  public void onApply(Runnable listener) {
    applyListeners.add(listener);
  }

  /** Calls back with where the time of each entry that this member proposed went. */
  public void onWritten(Consumer<EntryTimes> listener) {
    proposer.onWritten(listener);
  }

  /** Calls back when this member has become leader. */
  public void onLead(Runnable listener) {
    leadListeners.add(listener);
  }

  /** Calls back when this member was removed and the answers under way have been given. */
  public void onRemoved(Runnable listener) {
    departure.onRemoved(() -> {
      route.close();
      listener.run();
    });
  }

  /** Calls back when this node is being closed. */
  public void onClose(Runnable listener) {
    closeListeners.add(listener);
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

  /** Whether this member is listed as a learner. */
  public boolean learns() {
    Member self = state().members().find(config.memberId());
    return self != null && self.getIsLearner();
  }

  /** How far replication has come here. */
  public Progress progress() {
    return progress;
  }

  /** What was carried out here. */
  public OperationCounts counts() {
    return counts;
  }

  // ---- writes ----

  /** Replicates an operation and returns its response; fails with a {@link StoreException}. */
  public CompletableFuture<Message> write(Operation operation) {
    return route.proposeOnLeader(
        () -> proposer.propose(operation).thenApply(StoreNode::response),
        () -> PeerCall.frame(PeerCall.WRITE, OperationCodec.encode(List.of(operation))),
        answer -> PeerCall.decode(() -> PeerCall.response(operation, answer)));
  }

  /**
   * Carries out a change of the members, and answers when it is in force; a newcomer's is when it
   * is listed.
   */
  public CompletableFuture<Message> changeMembers(Operation operation) {
    return members.change(operation);
  }

  private CompletableFuture<byte[]> serve(byte[] request) {
    return requests.serve(request);
  }

  private static Message response(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> done.response();
      case Outcome.Refused refused -> throw refused.error().exception();
    };
  }

  // ---- reads ----

  /** Answers a range. */
  public CompletableFuture<RangeResponse> range(RangeRequest request) {
    return reads.range(request);
  }

  /** Answers a transaction that writes nothing. */
  public CompletableFuture<TxnResponse> readTxn(TxnRequest request, boolean serializable) {
    return reads.txn(request, serializable);
  }

  /** The members as of now. */
  public CompletableFuture<MemberListResponse> members() {
    return reads.members();
  }

  // ---- leases ----

  /** Renews a lease and returns its time to live in seconds; fails when there is none. */
  public CompletableFuture<Long> keepAlive(long lease) {
    return route.onLeader(
        () -> leases.keepAlive(lease),
        () -> PeerCall.number(PeerCall.KEEP_ALIVE, lease),
        PeerCall::number);
  }

  /**
   * Whole seconds a lease has left, or -1 when there is none; what else is known of it has then
   * been applied here too.
   */
  public CompletableFuture<Long> timeToLive(long lease) {
    CompletableFuture<Long> left =
        route.onLeader(
            () -> leases.timeToLive(lease),
            () -> PeerCall.number(PeerCall.TIME_TO_LIVE, lease),
            PeerCall::number);
    return left.thenCompose(seconds -> reads.caughtUp().thenApply(ignored -> seconds));
  }

  // ---- housekeeping ----

  private Housekeeping housekeeping() {
    DiskAlarm diskAlarm =
        new DiskAlarm(config.memberId(), config.room(), machine::state, this::write);
    return new Housekeeping(
        time,
        List.of(
            this::lookAlive,
            proposer::expire,
            applied::expire,
            () -> peers.expire(time.nanos()),
            diskAlarm::look,
            receptions::look,
            this::lookAtTime,
            history::sweep));
  }

  private void lookAlive() {
    if (departure.closed()) {
      return;
    }
    if (!raft.alive()) {
      departure.ended(knocking::knock);
    } else if (!departure.left()) {
      knocking.look(time.nanos());
    }
  }

  private void lookAtTime() {
    boolean leads = leases.leads();
    if (leads) {
      leases.endExpired();
    }
    history.compact(leads);
  }

  /** Whether the disk is full; the alarm about it is up or on its way. */
  public boolean shortOfRoom() {
    return config.room().isShort();
  }

  /** Whether a member is one of those that decide or learn, no longer one that waits. */
  public boolean takesPart(long memberId) {
    return raft.takesPart(memberId);
  }

  /**
   * Writes all that this member has applied to a new file, as etcd's database, and returns the
   * revision it holds. Writes go on meanwhile; only the freeing of compacted history waits.
   */
  public long writeSnapshot(Path file) throws IOException {
    return history.write(file);
  }

  /** Gives back the memory of what was compacted, as far as this member has applied it. */
  public CompletableFuture<Void> free() {
    return CompletableFuture.runAsync(history::sweepInTurn, workers);
  }

  /** The same, once this member has applied whatever was acknowledged before the call. */
  public CompletableFuture<Void> freeAcknowledged() {
    return reads.caughtUp().thenCompose(ignored -> free());
  }

  /** Hands leadership to a member. */
  public CompletionStage<?> transferLeadership(long memberId) {
    return new LeaderMove(raft, time, config.electionTimeout().multipliedBy(ELECTIONS_IN_A_MOVE))
        .to(memberId, PATIENCE);
  }

  /**
   * Before a stop: gives leadership to a member that is up to date, so that nobody has to miss it.
   */
  public void handOver() {
    try {
      if (raft.leads()) {
        raft.freshestFollower()
            .ifPresent(follower ->
                raft.transferLeadership(follower, RaftNode.HAND_OVER_PATIENCE)
                    .handle((done, failure) -> failure == null)
                    .join());
      }
    } catch (IllegalStateException e) {
      LOG.debug("leadership was not handed over: {}", e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    departure.close();
    closeListeners.forEach(Runnable::run);
    route.close();
    housekeeping.close();
    raft.close();
    peers.close();
  }
}
