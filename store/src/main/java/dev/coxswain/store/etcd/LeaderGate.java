package dev.coxswain.store.etcd;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
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
  private final Set<Stream<?, ?>> streams = ConcurrentHashMap.newKeySet();
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
      call.close(refusal(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    Stream<Q, A> stream = new Stream<>(call);
    streams.add(stream);
    look(0);
    return new Ears<>(next.startCall(stream, headers), stream);
  }

  private static Status refusal() {
    StoreError error = StoreError.NO_LEADER;
    return Status.fromCode(error.code()).withDescription(error.message());
  }

  private void look(int inVain) {
    if (!streams.isEmpty() && looking.compareAndSet(false, true)) {
      time.after(
          pause,
          () -> {
            looking.set(false);
            int again = leaderKnown.getAsBoolean() ? 0 : inVain + 1;
            if (again >= LOOKS) {
              streams.forEach(Stream::refuse);
            }
            look(again);
          });
    }
  }

  /** A stream that two may end: who serves it, and the gate. */
  private final class Stream<Q, A> extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    // Both guarded by this.
    private boolean ended;
    private boolean refused;

    Stream(ServerCall<Q, A> call) {
      super(call);
    }

    synchronized void refuse() {
      streams.remove(this);
      if (!ended) {
        ended = true;
        refused = true;
        super.close(refusal(), new Metadata());
      }
    }

    synchronized boolean refused() {
      return refused;
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!ended) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!ended) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!ended) {
        ended = true;
        super.close(status, trailers);
      }
    }

    @Override
    public boolean isCancelled() {
      return refused() || super.isCancelled();
    }
  }

  /** For who serves it, a stream that the gate has ended is one that its client gave up. */
  private final class Ears<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final Stream<Q, ?> stream;

    Ears(ServerCall.Listener<Q> listener, Stream<Q, ?> stream) {
      super(listener);
      this.stream = stream;
    }

    @Override
    public void onComplete() {
      streams.remove(stream);
      if (stream.refused()) {
        super.onCancel();
      } else {
        super.onComplete();
      }
    }

    @Override
    public void onCancel() {
      streams.remove(stream);
      super.onCancel();
    }
  }
}
