package dev.coxswain.store.etcd;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * A client can say by a header that it would rather be refused than served by a member that knows
 * no leader, since another member may know one. Its calls are refused at once. Its streams end only
 * when there has been no leader for a while, as in etcd: to open them anew costs more.
 */
final class LeaderGate implements ServerInterceptor {
  private static final Metadata.Key<String> REQUIRED =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  /** So many looks in a row find no leader before open streams end. */
  private static final int LOOKS = 3;

  private final BooleanSupplier leaderKnown;
  private final Time time;
  private final Duration pause;
  private final Set<OpenStream<?, ?>> streams = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();

  /** A gate that looks for a leader once in each {@code pause} while there are streams. */
  LeaderGate(BooleanSupplier leaderKnown, Time time, Duration pause) {
    this.leaderKnown = leaderKnown;
    this.time = time;
    this.pause = pause;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!"true".equals(headers.get(REQUIRED))) {
      return next.startCall(call, headers);
    }
    if (!leaderKnown.getAsBoolean()) {
      call.close(OpenStream.status(StoreError.NO_LEADER), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    ServerCall.Listener<Q> listener = OpenStream.begin(call, headers, next, streams);
    look(0);
    return listener;
  }

  private void look(int inVain) {
    if (!streams.isEmpty() && looking.compareAndSet(false, true)) {
      time.after(
          pause,
          () -> {
            looking.set(false);
            int again = leaderKnown.getAsBoolean() ? 0 : inVain + 1;
            if (again >= LOOKS) {
              streams.forEach(stream -> stream.refuse(StoreError.NO_LEADER));
            }
            look(again);
          });
    }
  }
}
