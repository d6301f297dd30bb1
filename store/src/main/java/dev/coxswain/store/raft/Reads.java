package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.MemberListResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import java.util.concurrent.CompletableFuture;

/**
 * Who answers a read. One key is asked of the leader; more are read here, since any member that has
 * caught up with the leader as of now may answer, and has them at hand. What may be stale is read
 * here at once.
 */
final class Reads {
  private final Reader reader;
  private final LeaderRoute route;
  private final AppliedIndex applied;

  Reads(Reader reader, LeaderRoute route, AppliedIndex applied) {
    this.reader = reader;
    this.route = route;
    this.applied = applied;
  }

  CompletableFuture<RangeResponse> range(RangeRequest request) {
    if (request.getSerializable()) {
      return reader.range(request);
    }
    if (!request.getRangeEnd().isEmpty()) {
      return caughtUp().thenCompose(ignored -> reader.range(request));
    }
    return route.readOnLeader(
        () -> reader.get(request),
        () -> PeerCall.frame(PeerCall.GET, request),
        answer -> PeerCall.decode(() -> RangeResponse.parseFrom(PeerCall.body(answer))));
  }

  CompletableFuture<TxnResponse> txn(TxnRequest request, boolean serializable) {
    return serializable
        ? reader.txn(request)
        : caughtUp().thenCompose(ignored -> reader.txn(request));
  }

  CompletableFuture<MemberListResponse> members() {
    return route.readOnLeader(
        reader::members,
        () -> new byte[] {PeerCall.MEMBERS},
        answer -> PeerCall.decode(() -> MemberListResponse.parseFrom(PeerCall.body(answer))));
  }

  /** Completes when everything was applied here that was acknowledged before the call. */
  CompletableFuture<Void> caughtUp() {
    return route
        .readOnLeader(reader::index, () -> new byte[] {PeerCall.READ_INDEX}, PeerCall::number)
        .thenCompose(applied::reached);
  }
}
