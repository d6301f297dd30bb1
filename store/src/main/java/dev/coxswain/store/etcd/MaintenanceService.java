package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.AlarmResponse;
import dev.coxswain.proto.etcd.DefragmentRequest;
import dev.coxswain.proto.etcd.DefragmentResponse;
import dev.coxswain.proto.etcd.DowngradeRequest;
import dev.coxswain.proto.etcd.DowngradeResponse;
import dev.coxswain.proto.etcd.HashKVRequest;
import dev.coxswain.proto.etcd.HashKVResponse;
import dev.coxswain.proto.etcd.HashRequest;
import dev.coxswain.proto.etcd.HashResponse;
import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.MoveLeaderRequest;
import dev.coxswain.proto.etcd.MoveLeaderResponse;
import dev.coxswain.proto.etcd.SnapshotRequest;
import dev.coxswain.proto.etcd.SnapshotResponse;
import dev.coxswain.proto.etcd.StatusRequest;
import dev.coxswain.proto.etcd.StatusResponse;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/** etcdserverpb.Maintenance. */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  /** What etcd takes for a version: without a patch it must end there. */
  private static final Pattern VERSION =
      Pattern.compile("\\d{1,18}\\.\\d{1,18}(\\.\\d{1,18}(-[0-9A-Za-z.-]*)?(\\+[0-9A-Za-z.-]*)?)?");

  private final StoreNode node;
  private final Stamp stamp;
  private final Quota quota;
  private final Executor workers;
  private final SnapshotCalls snapshots;

  MaintenanceService(
      StoreNode node, Stamp stamp, Quota quota, Executor workers, SnapshotCalls snapshots) {
    this.node = node;
    this.stamp = stamp;
    this.quota = quota;
    this.workers = workers;
    this.snapshots = snapshots;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    Keyspace keyspace = node.state().keyspace();
    StatusResponse.Builder status =
        StatusResponse.newBuilder()
            .setHeader(stamp.header())
            .setVersion(EtcdServer.PROTOCOL_VERSION)
            .setDbSize(keyspace.heapBytes())
            .setDbSizeInUse(keyspace.liveBytes())
            .setDbSizeQuota(quota.bytes())
            .setLeader(node.leader().orElse(0L))
            .setRaftIndex(Math.max(0, node.progress().committedIndex()))
            .setRaftAppliedIndex(Math.max(0, node.progress().appliedIndex()))
            .setRaftTerm(node.progress().term())
            .setIsLearner(node.learns());
    if (node.leader().isEmpty()) {
      status.addErrors(StoreError.NO_LEADER.message());
    }
    for (StoreState.Alarm alarm : node.state().alarms()) {
      status.addErrors(
          "memberID:" + Long.toUnsignedString(alarm.member()) + " alarm:" + alarm.type() + " ");
    }
    observer.onNext(status.build());
    observer.onCompleted();
  }

  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
    Answers.send(
        node.write(new Operation.Alarm(request)),
        message -> {
          AlarmResponse answer = (AlarmResponse) message;
          return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
        },
        observer);
  }

  @Override
  public void hash(HashRequest request, StreamObserver<HashResponse> observer) {
    Answers.send(
        CompletableFuture.supplyAsync(
            () -> {
              Keyspace keyspace = node.state().keyspace();
              long revision = keyspace.revision();
              return HashResponse.newBuilder()
                  .setHeader(stamp.header(revision))
                  .setHash(keyspace.hash(revision))
                  .build();
            },
            workers),
        answer -> answer,
        observer);
  }

  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
    Answers.send(
        CompletableFuture.supplyAsync(() -> hashUpTo(request.getRevision()), workers),
        answer -> answer,
        observer);
  }

  private HashKVResponse hashUpTo(long wanted) {
    Keyspace keyspace = node.state().keyspace();
    long current = keyspace.revision();
    long revision = wanted > 0 ? wanted : current;
    Keyspace.Digest digest = keyspace.digest(revision);
    return HashKVResponse.newBuilder()
        .setHeader(stamp.header(current))
        .setHash(digest.hash())
        .setHashRevision(revision)
        .setCompactRevision(digest.compactRevision())
        .build();
  }

  @Override
  public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
    // The state is a heap: the collector defragments it all the time, there is nothing to rewrite.
    // But what was compacted is to be free once this is answered.
    Answers.send(
        node.free(),
        ignored -> DefragmentResponse.newBuilder().setHeader(stamp.header()).build(),
        observer);
  }

  @Override
  public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> observer) {
    snapshots.answer(observer);
  }

  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          if (!node.leads()) {
            throw StoreError.NOT_LEADER.exception();
          }
          Member target = node.state().members().find(request.getTargetID());
          if (target == null || target.getIsLearner()) {
            throw StoreError.BAD_LEADER_TRANSFEREE.exception();
          }
          Answers.send(
              node.transferLeadership(request.getTargetID()).toCompletableFuture(),
              ignored -> MoveLeaderResponse.newBuilder().setHeader(stamp.header()).build(),
              observer);
        });
  }

  /** There is no older version of this store to go back to, so there is none to call off either. */
  @Override
  public void downgrade(DowngradeRequest request, StreamObserver<DowngradeResponse> observer) {
    StoreError refusal =
        switch (request.getAction()) {
          case VALIDATE, ENABLE ->
              VERSION.matcher(request.getVersion()).matches()
                  ? StoreError.INVALID_DOWNGRADE_TARGET_VERSION
                  : StoreError.WRONG_DOWNGRADE_VERSION_FORMAT;
          case CANCEL -> StoreError.NO_INFLIGHT_DOWNGRADE;
          case UNRECOGNIZED -> StoreError.UNKNOWN_METHOD;
        };
    observer.onError(Answers.status(refusal.exception()));
  }

  @Override
  public String toString() {
    return "maintenance of " + Identity.text(node.memberId());
  }
}
