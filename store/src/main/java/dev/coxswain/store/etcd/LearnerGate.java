package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.StatusRequest;
import dev.coxswain.store.error.StoreError;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.function.BooleanSupplier;

/**
 * A learner answers for its status, with a snapshot, and to reads that may be stale, as in etcd;
 * nothing else.
 */
final class LearnerGate implements ServerInterceptor {
  private final BooleanSupplier learns;

  /** A gate that asks with each call whether this member is a learner. */
  LearnerGate(BooleanSupplier learns) {
    this.learns = learns;
  }

  private static void refuse(ServerCall<?, ?> call) {
    call.close(OpenStream.status(StoreError.NOT_SUPPORTED_FOR_LEARNER), new Metadata());
  }

  private static boolean allowed(Object request) {
    return request instanceof StatusRequest
        || (request instanceof RangeRequest range && range.getSerializable());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    if (!learns.getAsBoolean() || method.equals(MaintenanceGrpc.getSnapshotMethod())) {
      return next.startCall(call, headers);
    }
    if (method.getType() != MethodDescriptor.MethodType.UNARY) {
      // Before anybody serves it, who would wait for its client to end it.
      refuse(call);
      return new ServerCall.Listener<>() {};
    }
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(listener) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (allowed(message)) {
          super.onMessage(message);
        } else if (!refused) {
          refused = true;
          refuse(call);
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
