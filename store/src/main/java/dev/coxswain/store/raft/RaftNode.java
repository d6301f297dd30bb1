package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;

/** One Ratis server with one group: appends entries, changes members, tells who leads. */
final class RaftNode implements Proposer.Log, LeaderMove.Group, AutoCloseable {
  /** How long a leader that is to go waits for its successor. */
  static final Duration HAND_OVER_PATIENCE = Duration.ofSeconds(2);

  /**
   * Ratis keeps the answer to each call for retries, of which there are none here: drop it soon.
   */
  private static final int CALLS_REMEMBERED = 16;

  /** Heartbeats in the shortest time without a leader after which a member stands. */
  private static final int HEARTBEATS_A_TIMEOUT = 5;

  private final RaftGroupId groupId;
  private final RaftServer server;
  private final ClientId clientId = ClientId.randomId();
  private final CommitNews news;
  private final DiskRoom room;
  private final MemberUrl listen;
  private final AtomicLong calls = new AtomicLong();

  RaftNode(NodeConfig config, StoreMachine machine, GrpcServices.Customizer services, Time time)
      throws IOException {
    this.room = config.room();
    this.listen = config.listen();
    this.news = new CommitNews(time, config.electionTimeout().dividedBy(HEARTBEATS_A_TIMEOUT));
    this.groupId = RaftGroupId.valueOf(config.group());
    RaftProperties properties = RaftSettings.properties(config);
    List<RaftPeer> peers = new ArrayList<>();
    for (Map.Entry<Long, MemberUrl> peer : config.peers().entrySet()) {
      peers.add(peer(peer.getKey(), peer.getValue()));
    }
    RaftServer.Builder builder =
        RaftServer.newBuilder()
            .setServerId(peerId(config.memberId()))
            .setProperties(properties)
            .setParameters(RaftSettings.parameters(config, services, news))
            .setOption(
                config.fresh()
                    ? RaftStorage.StartupOption.FORMAT
                    : RaftStorage.StartupOption.RECOVER)
            .setStateMachine(machine);
    if (config.fresh() || !peers.isEmpty()) {
      builder.setGroup(RaftGroup.valueOf(groupId, peers));
    }
    this.server = builder.build();
  }

  static RaftPeerId peerId(long memberId) {
    return RaftPeerId.valueOf(Identity.text(memberId));
  }

  static long memberId(RaftPeerId id) {
    return Long.parseUnsignedLong(id.toString(), 16);
  }

  static RaftPeer peer(long memberId, MemberUrl url) {
    return RaftPeer.newBuilder()
        .setId(peerId(memberId))
        .setAddress(PeerName.of(memberId, url).toString())
        .build();
  }

  void start() throws IOException {
    returnInsteadOfExit();
    try {
      server.start();
    } catch (ExitUtils.ExitException e) {
      throw new IOException(
          "--listen-peer-urls: cannot listen on " + listen + ": " + cause(e).getMessage(), e);
    }
  }

  // Ratis ends the process when it cannot listen. What is closed at the end of a process would wait
  // for this very start, so that nothing ended for half a minute.
  private static void returnInsteadOfExit() {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    // Its first use sets one of Ratis' own.
    Thread.setDefaultUncaughtExceptionHandler(handler);
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  RaftServer.Division division() {
    try {
      return server.getDivision(groupId);
    } catch (IOException e) {
      throw new IllegalStateException("the group is not there (yet, or any more)", e);
    }
  }

  // The division takes requests itself; the server in front of it would only add a thread hop.
  private CompletableFuture<RaftClientReply> submit(Message message, long callId) {
    RaftServer.Division division = division();
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(clientId)
            .setServerId(server.getId())
            .setGroupId(groupId)
            .setCallId(callId)
            .setRepliedCallIds(List.of(callId - CALLS_REMEMBERED))
            .setMessage(message)
            .setType(RaftClientRequest.writeRequestType())
            .build();
    try {
      return division instanceof RaftClientAsynchronousProtocol direct
          ? direct.submitClientRequestAsync(request)
          : server.submitClientRequestAsync(request);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletableFuture<?> append(Batch batch) {
    room.look();
    news.entryFollows();
    return submit(BatchMessage.of(batch), calls.incrementAndGet()).thenApply(RaftNode::successful);
  }

  @Override
  public void quiet() {
    news.quiet();
  }

  @Override
  public void soon(Runnable task) {
    EventLoopTurn.atItsEnd(task);
  }

  private static RaftClientReply successful(RaftClientReply reply) {
    if (!reply.isSuccess()) {
      throw new CompletionException(reply.getException());
    }
    return reply;
  }

  /** False once Ratis has closed the group, which it does when applying fails. */
  boolean alive() {
    return division().getInfo().isAlive();
  }

  @Override
  public boolean leads() {
    return division().getInfo().isLeader();
  }

  /** Leads, and has applied everything of its predecessors. */
  boolean leadsReady() {
    RaftServer.Division division = division();
    return division.getInfo().isLeader() && division.getInfo().isLeaderReady();
  }

  @Override
  public Optional<Long> leader() {
    return Optional.ofNullable(division().getInfo().getLeaderId())
        .map(id -> Long.parseUnsignedLong(id.toString(), 16));
  }

  @Override
  public long term() {
    return division().getInfo().getCurrentTerm();
  }

  long appliedIndex() {
    return division().getInfo().getLastAppliedIndex();
  }

  long committedIndex() {
    return division().getRaftLog().getLastCommittedIndex();
  }

  /** By what name a member is reached ({@link PeerNames}), by the replicated configuration. */
  Optional<String> address(long memberId) {
    return Optional.ofNullable(division().getRaftConf().getPeer(peerId(memberId)))
        .map(RaftPeer::getAddress);
  }

  /** The voting follower heard of last, if there is one. Leader only. */
  Optional<Long> freshestFollower() {
    RaftServer.Division division = division();
    List<String> voters =
        division.getRaftConf().getCurrentPeers().stream()
            .map(peer -> peer.getId().toString())
            .toList();
    return division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
        .filter(follower -> voters.contains(follower.getId().getId().toStringUtf8()))
        .min(Comparator.comparingLong(follower -> follower.getLastRpcElapsedTimeMs()))
        .map(follower -> Long.parseUnsignedLong(follower.getId().getId().toStringUtf8(), 16));
  }

  /** Everybody in the configuration as it is now, learners too. */
  List<RaftPeer> participants() {
    RaftConfiguration configuration = division().getRaftConf();
    List<RaftPeer> peers = new ArrayList<>(configuration.getCurrentPeers());
    peers.addAll(configuration.getCurrentPeers(RaftPeerRole.LISTENER));
    return peers;
  }

  /** The voters, and while they are being changed, those before too. */
  Collection<Set<Long>> voters() {
    RaftConfiguration configuration = division().getRaftConf();
    Collection<RaftPeer> before = configuration.getPreviousPeers();
    Set<Long> now = identities(configuration.getCurrentPeers());
    return before.isEmpty() ? List.of(now) : List.of(now, identities(before));
  }

  private static Set<Long> identities(Collection<RaftPeer> peers) {
    return peers.stream().map(peer -> memberId(peer.getId())).collect(Collectors.toSet());
  }

  boolean takesPart(long memberId) {
    return participants().stream().anyMatch(peer -> memberId(peer.getId()) == memberId);
  }

  boolean learns(long memberId) {
    return division().getRaftConf().getCurrentPeers(RaftPeerRole.LISTENER).stream()
        .anyMatch(peer -> memberId(peer.getId()) == memberId);
  }

  /** By what names the other members are reached. */
  List<String> otherAddresses() {
    return participants().stream()
        .filter(peer -> !peer.getId().equals(server.getId()))
        .map(RaftPeer::getAddress)
        .toList();
  }

  /** The other members that answered within this time. Leader only. */
  Set<Long> heardOfWithin(Duration silence) {
    return division().getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
        .filter(follower -> follower.getLastRpcElapsedTimeMs() < silence.toMillis())
        .map(follower -> Long.parseUnsignedLong(follower.getId().getId().toStringUtf8(), 16))
        .collect(Collectors.toSet());
  }

  /** Up to which index a member is known to have what was committed. Leader only. */
  Optional<Long> committedBy(long memberId) {
    if (!takesPart(memberId)) {
      return Optional.empty();
    }
    return division().getCommitInfos().stream()
        .filter(info -> info.getServer().getId().toStringUtf8().equals(peerId(memberId).toString()))
        .map(CommitInfoProto::getCommitIndex)
        .findFirst();
  }

  /** Changes who takes part; completes when the change is committed. Leader only. */
  CompletableFuture<?> reconfigure(List<RaftPeer> voters, List<RaftPeer> learners) {
    RaftConfiguration current = division().getRaftConf();
    List<RaftPeer> voting = List.copyOf(current.getCurrentPeers());
    List<RaftPeer> learning = List.copyOf(current.getCurrentPeers(RaftPeerRole.LISTENER));
    if (Set.copyOf(voting).equals(Set.copyOf(voters))
        && Set.copyOf(learning).equals(Set.copyOf(learners))) {
      return CompletableFuture.completedFuture(null);
    }
    SetConfigurationRequest.Arguments change =
        SetConfigurationRequest.Arguments.newBuilder()
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(voting)
            .setListenersInCurrentConf(learning)
            .setServersInNewConf(voters)
            .setListenersInNewConf(learners)
            .build();
    try {
      return server
          .setConfigurationAsync(
              new SetConfigurationRequest(
                  clientId, server.getId(), groupId, calls.incrementAndGet(), change))
          .thenApply(RaftNode::successful);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** How new the log here is. */
  LeaderLoss.Standing standing() {
    TermIndex last = division().getRaftLog().getLastEntryTermIndex();
    return last == null
        ? new LeaderLoss.Standing(0, -1)
        : new LeaderLoss.Standing(last.getTerm(), last.getIndex());
  }

  /**
   * Stands for election at once, in the place of a leader that is gone. Ratis does so only when its
   * leader asks it to, to hand over; so this is what that one would have said. A member that has
   * nothing of this leader's own term is refused, and stands when its time is up.
   */
  void stand(long leader) throws IOException {
    var request =
        RaftRpcRequestProto.newBuilder()
            .setRequestorId(peerId(leader).toByteString())
            .setReplyId(server.getId().toByteString())
            .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(groupId.toByteString()));
    TermIndexProto entry =
        TermIndexProto.newBuilder()
            .setTerm(term())
            .setIndex(Math.max(0, standing().index()))
            .build();
    var _ =
        server.startLeaderElection(
            StartLeaderElectionRequestProto.newBuilder()
                .setServerRequest(request)
                .setLeaderLastEntry(entry)
                .build());
  }

  @Override
  public CompletableFuture<?> transferLeadership(long memberId, Duration patience) {
    try {
      return server
          .transferLeadershipAsync(
              new TransferLeadershipRequest(
                  clientId,
                  server.getId(),
                  groupId,
                  calls.incrementAndGet(),
                  peerId(memberId),
                  patience.toMillis()))
          .thenApply(RaftNode::successful);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
