package dev.coxswain.store.raft;

import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;

/** Watches what brings log entries from the leader. */
final class AppendGate implements ServerInterceptor {
  private final Watcher watcher;

  /** Called on event loops, so it must not block. */
  interface Watcher {
    /** A message with log entries is there, and about to be taken in. */
    void beforeAppend();

    /** The connection that brought them broke. */
    default void broken() {}
  }

  AppendGate(Watcher watcher) {
    this.watcher = watcher;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    if (!call.getMethodDescriptor().getFullMethodName().equals(PeerPort.APPENDS)) {
      return listener;
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        watcher.beforeAppend();
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        super.onCancel();
        watcher.broken();
      }
    };
  }
}
