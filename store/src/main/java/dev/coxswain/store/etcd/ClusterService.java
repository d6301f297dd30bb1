package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.ClusterGrpc;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.MemberAddRequest;
import dev.coxswain.proto.etcd.MemberAddResponse;
import dev.coxswain.proto.etcd.MemberListRequest;
import dev.coxswain.proto.etcd.MemberListResponse;
import dev.coxswain.proto.etcd.MemberPromoteRequest;
import dev.coxswain.proto.etcd.MemberPromoteResponse;
import dev.coxswain.proto.etcd.MemberRemoveRequest;
import dev.coxswain.proto.etcd.MemberRemoveResponse;
import dev.coxswain.proto.etcd.MemberUpdateRequest;
import dev.coxswain.proto.etcd.MemberUpdateResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** etcdserverpb.Cluster. */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
  private final StoreNode node;
  private final Stamp stamp;
  private final long clusterId;
  private final Time time;

  ClusterService(StoreNode node, Stamp stamp, long clusterId, Time time) {
    this.node = node;
    this.stamp = stamp;
    this.clusterId = clusterId;
    this.time = time;
  }

  // Answers about members carry no revision.
  private ResponseHeader header() {
    return stamp.header(0);
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
    if (request.getLinearizable()) {
      Answers.send(
          node.members(), answer -> answer.toBuilder().setHeader(header()).build(), observer);
      return;
    }
    observer.onNext(
        MemberListResponse.newBuilder()
            .setHeader(header())
            .addAllMembers(node.state().members().all())
            .build());
    observer.onCompleted();
  }

  @Override
  public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          List<String> urls = checked(request.getPeerURLsList());
          Member newcomer =
              Member.newBuilder()
                  .setID(Identity.newcomer(urls, clusterId, time.now().getEpochSecond()))
                  .addAllPeerURLs(urls)
                  .setIsLearner(request.getIsLearner())
                  .build();
          Answers.send(
              node.changeMembers(new Operation.MemberAdd(newcomer)),
              done -> ((MemberAddResponse) done).toBuilder().setHeader(header()).build(),
              observer);
        });
  }

  @Override
  public void memberRemove(
      MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> observer) {
    Answers.send(
        node.changeMembers(new Operation.MemberRemove(member(request.getID()))),
        done -> ((MemberRemoveResponse) done).toBuilder().setHeader(header()).build(),
        observer);
  }

  @Override
  public void memberUpdate(
      MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          Member moved =
              Member.newBuilder()
                  .setID(request.getID())
                  .addAllPeerURLs(checked(request.getPeerURLsList()))
                  .build();
          Answers.send(
              node.changeMembers(new Operation.MemberUpdate(moved)),
              done -> ((MemberUpdateResponse) done).toBuilder().setHeader(header()).build(),
              observer);
        });
  }

  @Override
  public void memberPromote(
      MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> observer) {
    Answers.send(
        node.changeMembers(new Operation.MemberPromote(member(request.getID()))),
        done -> ((MemberPromoteResponse) done).toBuilder().setHeader(header()).build(),
        observer);
  }

  private static Member member(long id) {
    return Member.newBuilder().setID(id).build();
  }

  // A member that joins looks for its own URL among these, word for word: there is one way to
  // write it.
  private static List<String> checked(List<String> urls) {
    if (urls.isEmpty()) {
      throw StoreError.MEMBER_BAD_URLS.exception();
    }
    return urls.stream().map(ClusterService::checked).toList();
  }

  private static String checked(String url) {
    String said = url.strip();
    try {
      if (MemberUrl.parse(said, "peerURLs").toString().equals(said)) {
        return said;
      }
    } catch (IllegalArgumentException e) {
      throw StoreError.MEMBER_BAD_URLS.exception();
    }
    throw StoreError.MEMBER_BAD_URLS.exception();
  }
}
