package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.ElectionGrpc;
import dev.coxswain.proto.etcd.LeaseGrpc;
import dev.coxswain.proto.etcd.LockGrpc;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.store.error.StoreError;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the server stops, ends the calls that have no end of their own, so that their clients go to
 * another member at once. All others are about to be answered, and have a while for it.
 */
final class StopGate implements ServerInterceptor {
  private static final Set<MethodDescriptor<?, ?>> ENDLESS =
      Set.of(
          WatchGrpc.getWatchMethod(),
          LeaseGrpc.getLeaseKeepAliveMethod(),
          LockGrpc.getLockMethod(),
          ElectionGrpc.getCampaignMethod(),
          ElectionGrpc.getObserveMethod());

  private final Set<OpenStream<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  /** Ends those that are open, and those that still come. */
  void stop() {
    stopping = true;
    open.forEach(stream -> stream.refuse(StoreError.STOPPED));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!ENDLESS.contains(call.getMethodDescriptor())) {
      return next.startCall(call, headers);
    }
    ServerCall.Listener<Q> listener = OpenStream.begin(call, headers, next, open);
    if (stopping) {
      stop();
    }
    return listener;
  }
}
