package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.SnapshotRequest;
import dev.coxswain.proto.etcd.StatusRequest;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * A learner answers for its status, with a snapshot, and to reads that may be stale, as in etcd;
 * nothing else.
 */
final class LearnerGate implements ServerInterceptor {
  private final StoreNode node;

  LearnerGate(StoreNode node) {
    this.node = node;
  }

  private static boolean allowed(Object request) {
    return request instanceof StatusRequest
        || request instanceof SnapshotRequest
        || (request instanceof RangeRequest range && range.getSerializable());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    if (!node.learns()) {
      return listener;
    }
    return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(listener) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (allowed(message)) {
          super.onMessage(message);
        } else if (!refused) {
          refused = true;
          StoreError error = StoreError.NOT_SUPPORTED_FOR_LEARNER;
          call.close(
              Status.fromCode(error.code()).withDescription(error.message()), new Metadata());
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }
}
