package dev.coxswain.store.etcd;

import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseGrantResponse;
import dev.coxswain.proto.etcd.LeaseGrpc;
import dev.coxswain.proto.etcd.LeaseKeepAliveRequest;
import dev.coxswain.proto.etcd.LeaseKeepAliveResponse;
import dev.coxswain.proto.etcd.LeaseLeasesRequest;
import dev.coxswain.proto.etcd.LeaseLeasesResponse;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.LeaseRevokeResponse;
import dev.coxswain.proto.etcd.LeaseStatus;
import dev.coxswain.proto.etcd.LeaseTimeToLiveRequest;
import dev.coxswain.proto.etcd.LeaseTimeToLiveResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** etcdserverpb.Lease. */
final class LeaseService extends LeaseGrpc.LeaseImplBase {
  /** The time to live of a lease that is not there. */
  private static final long GONE = -1;

  private final StoreNode node;
  private final Stamp stamp;
  private final Quota quota;
  private final Randomness randomness;

  LeaseService(StoreNode node, Stamp stamp, Quota quota, Randomness randomness) {
    this.node = node;
    this.stamp = stamp;
    this.quota = quota;
    this.randomness = randomness;
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
    Answers.guard(
        observer,
        () -> {
          quota.admit(request.getSerializedSize());
          LeaseGrantRequest named =
              request.getID() != 0
                  ? request
                  : request.toBuilder().setID(randomness.below(Long.MAX_VALUE - 1) + 1).build();
          Answers.send(
              node.write(new Operation.LeaseGrant(named)),
              message -> {
                LeaseGrantResponse answer = (LeaseGrantResponse) message;
                return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
              },
              observer);
        });
  }

  @Override
  public void leaseRevoke(
      LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
    Answers.send(
        node.write(new Operation.LeaseRevoke(request)),
        message -> {
          LeaseRevokeResponse answer = (LeaseRevokeResponse) message;
          return answer.toBuilder().setHeader(stamp.header(answer.getHeader())).build();
        },
        observer);
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> observer) {
    ServerCallStreamObserver<LeaseKeepAliveResponse> call =
        (ServerCallStreamObserver<LeaseKeepAliveResponse>) observer;
    KeepAlives client = new KeepAlives(call);
    call.disableAutoRequest();
    call.setOnReadyHandler(client.demand::roomCame);
    call.request(1);
    return client;
  }

  /** One client's stream: one renewal at a time, so answers come in the order of the questions. */
  private final class KeepAlives implements StreamObserver<LeaseKeepAliveRequest> {
    private final ServerCallStreamObserver<LeaseKeepAliveResponse> call;
    private final Demand demand;

    /** What is under way, or was answered last. */
    private CompletableFuture<?> renewal = CompletableFuture.completedFuture(null);

    KeepAlives(ServerCallStreamObserver<LeaseKeepAliveResponse> call) {
      this.call = call;
      this.demand = new Demand(call);
    }

    @Override
    public void onNext(LeaseKeepAliveRequest request) {
      // Of before the renewal: one of after it could name a revision at which the lease had ended.
      ResponseHeader header = stamp.header();
      renewal =
          node.keepAlive(request.getID())
              .exceptionally(KeepAlives::goneIsZero)
              .whenComplete((seconds, failure) -> {
                if (call.isCancelled()) {
                  return;
                }
                if (failure != null) {
                  call.onError(Answers.status(failure));
                  return;
                }
                call.onNext(
                    LeaseKeepAliveResponse.newBuilder()
                        .setHeader(header)
                        .setID(request.getID())
                        .setTTL(seconds)
                        .build());
                demand.next();
              });
    }

    // A lease that is gone is no error of the stream: its time to live is zero.
    private static Long goneIsZero(Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      if (cause instanceof StoreException refused
          && refused.error() == StoreError.LEASE_NOT_FOUND) {
        return 0L;
      }
      throw new CompletionException(cause);
    }

    @Override
    public void onError(Throwable failure) {
      // The client is gone; there is nobody to tell.
    }

    /** A client that asks no more still waits for its last answer. */
    @Override
    public void onCompleted() {
      var _ =
          renewal.whenComplete((seconds, failure) -> {
            if (failure == null) {
              call.onCompleted();
            }
          });
    }
  }

  @Override
  public void leaseTimeToLive(
      LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
    Answers.send(
        node.timeToLive(request.getID()), seconds -> timeToLive(request, seconds), observer);
  }

  private LeaseTimeToLiveResponse timeToLive(LeaseTimeToLiveRequest request, long seconds) {
    LeaseTimeToLiveResponse.Builder response =
        LeaseTimeToLiveResponse.newBuilder()
            .setHeader(stamp.header())
            .setID(request.getID())
            .setTTL(GONE);
    LeaseTable leases = node.state().leases();
    LeaseTable.Grant grant = leases.find(request.getID());
    if (seconds >= 0 && grant != null) {
      response.setTTL(seconds).setGrantedTTL(grant.seconds());
      if (request.getKeys()) {
        for (byte[] key : leases.keys(request.getID())) {
          response.addKeys(UnsafeByteOperations.unsafeWrap(key));
        }
      }
    }
    return response.build();
  }

  @Override
  public void leaseLeases(
      LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
    LeaseLeasesResponse.Builder response =
        LeaseLeasesResponse.newBuilder().setHeader(stamp.header());
    for (LeaseTable.Grant grant : node.state().leases().grants()) {
      response.addLeases(LeaseStatus.newBuilder().setID(grant.id()));
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }
}
