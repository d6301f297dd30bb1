package dev.coxswain.store.etcd;

import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.CompactionResponse;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.TxnExecutor;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** etcdserverpb.KV. */
final class KvService extends KVGrpc.KVImplBase {
  private final StoreNode node;
  private final Stamp stamp;
  private final Quota quota;
  private final RequestChecks checks;

  KvService(StoreNode node, Stamp stamp, Quota quota, RequestChecks checks) {
    this.node = node;
    this.stamp = stamp;
    this.quota = quota;
    this.checks = checks;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          RequestChecks.range(request);
          Answers.send(
              node.range(request),
              answer -> answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build(),
              observer);
        });
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          checks.size(request);
          RequestChecks.put(request);
          quota.admit(request.getSerializedSize());
          Answers.send(node.write(new Operation.Put(request)), this::put, observer);
        });
  }

  private PutResponse put(Message message) {
    PutResponse answer = (PutResponse) message;
    return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
  }

  @Override
  public void deleteRange(
      DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          checks.size(request);
          RequestChecks.delete(request);
          Answers.send(node.write(new Operation.DeleteRange(request)), this::delete, observer);
        });
  }

  private DeleteRangeResponse delete(Message message) {
    DeleteRangeResponse answer = (DeleteRangeResponse) message;
    return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          checks.size(request);
          checks.txn(request);
          if (TxnExecutor.readsOnly(request)) {
            Answers.send(node.readTxn(request, serializable(request)), this::txn, observer);
          } else {
            if (TxnExecutor.writesValues(request)) {
              quota.admit(request.getSerializedSize());
            }
            Answers.send(node.write(new Operation.Txn(request)), this::txn, observer);
          }
        });
  }

  private TxnResponse txn(Message message) {
    TxnResponse answer = (TxnResponse) message;
    return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
  }

  private static boolean serializable(TxnRequest request) {
    return Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream())
        .allMatch(KvService::serializable);
  }

  private static boolean serializable(RequestOp operation) {
    return operation.hasRequestRange() && operation.getRequestRange().getSerializable();
  }

  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          CompletableFuture<Message> done = node.write(new Operation.Compact(request));
          Answers.send(
              request.getPhysical() ? done.thenCompose(this::freed) : done,
              this::compact,
              observer);
        });
  }

  // Who asks for that counts on the space: to disarm an alarm, say, which would be back at once.
  private CompletableFuture<Message> freed(Message answer) {
    return node.freeAcknowledged().thenApply(ignored -> answer);
  }

  private CompactionResponse compact(Message message) {
    CompactionResponse answer = (CompactionResponse) message;
    return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
  }
}
