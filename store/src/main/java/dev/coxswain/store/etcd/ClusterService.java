package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.ClusterGrpc;
import dev.coxswain.proto.etcd.MemberListRequest;
import dev.coxswain.proto.etcd.MemberListResponse;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.stub.StreamObserver;

/** etcdserverpb.Cluster. */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
  private final StoreNode node;
  private final Stamp stamp;

  ClusterService(StoreNode node, Stamp stamp) {
    this.node = node;
    this.stamp = stamp;
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
    observer.onNext(
        MemberListResponse.newBuilder()
            .setHeader(stamp.header().toBuilder().setRevision(0))
            .addAllMembers(node.state().members().all())
            .build());
    observer.onCompleted();
  }
}
