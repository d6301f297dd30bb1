package dev.coxswain.store.raft;

import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;

/** One Ratis server with one group: appends entries, confirms reads, tells who leads. */
final class RaftNode implements Proposer.Log, AutoCloseable {
  /**
   * Ratis keeps the answer to each call for retries, of which there are none here: drop it soon.
   */
  private static final int CALLS_REMEMBERED = 16;

  private final RaftGroupId groupId;
  private final RaftServer server;
  private final ClientId clientId = ClientId.randomId();
  private final CommitNews news = new CommitNews();
  private final AtomicLong calls = new AtomicLong();

  RaftNode(NodeConfig config, StoreMachine machine, GrpcServices.Customizer services)
      throws IOException {
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

  static RaftPeer peer(long memberId, MemberUrl url) {
    return RaftPeer.newBuilder().setId(peerId(memberId)).setAddress(url.authority()).build();
  }

  void start() throws IOException {
    server.start();
  }

  RaftServer.Division division() {
    try {
      return server.getDivision(groupId);
    } catch (IOException e) {
      throw new IllegalStateException("the group is not there (yet, or any more)", e);
    }
  }

  // The division takes requests itself; the server in front of it would only add a thread hop.
  private CompletableFuture<RaftClientReply> submit(
      RaftClientRequest.Type type, Message message, long callId) {
    RaftServer.Division division = division();
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(clientId)
            .setServerId(server.getId())
            .setGroupId(groupId)
            .setCallId(callId)
            .setRepliedCallIds(List.of(callId - CALLS_REMEMBERED))
            .setMessage(message)
            .setType(type)
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
    news.entryFollows();
    return submit(
            RaftClientRequest.writeRequestType(), BatchMessage.of(batch), calls.incrementAndGet())
        .thenApply(RaftNode::successful);
  }

  @Override
  public void quiet() {
    news.quiet();
  }

  @Override
  public void soon(Runnable task) {
    EventLoopTurn.atItsEnd(task);
  }

  /** Completes once everything committed before the call was applied here. Leader only. */
  CompletableFuture<?> confirmRead() {
    return submit(RaftClientRequest.readRequestType(), Message.EMPTY, calls.incrementAndGet())
        .thenApply(RaftNode::successful);
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

  boolean leads() {
    return division().getInfo().isLeader();
  }

  /** Leads, and has applied everything of its predecessors. */
  boolean leadsReady() {
    RaftServer.Division division = division();
    return division.getInfo().isLeader() && division.getInfo().isLeaderReady();
  }

  Optional<Long> leader() {
    return Optional.ofNullable(division().getInfo().getLeaderId())
        .map(id -> Long.parseUnsignedLong(id.toString(), 16));
  }

  long term() {
    return division().getInfo().getCurrentTerm();
  }

  long appliedIndex() {
    return division().getInfo().getLastAppliedIndex();
  }

  long committedIndex() {
    return division().getRaftLog().getLastCommittedIndex();
  }

  /** Where a member is reached, by the replicated configuration. */
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

  /** Hands leadership to another member; completes when it has it. */
  CompletableFuture<?> transferLeadership(long memberId, Duration patience) {
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
