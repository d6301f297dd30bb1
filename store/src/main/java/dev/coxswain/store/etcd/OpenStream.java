package dev.coxswain.store.etcd;

import dev.coxswain.store.error.StoreError;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.Set;

/** A call that two may end: who serves it, and a gate before it. */
final class OpenStream<Q, A> extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
  private final Set<OpenStream<?, ?>> open;

  // Both guarded by this.
  private boolean ended;
  private boolean refused;

  private OpenStream(ServerCall<Q, A> call, Set<OpenStream<?, ?>> open) {
    super(call);
    this.open = open;
  }

  /** Begins a call, which is among those that are open until it ends. */
  static <Q, A> ServerCall.Listener<Q> begin(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      Set<OpenStream<?, ?>> open) {
    OpenStream<Q, A> stream = new OpenStream<>(call, open);
    open.add(stream);
    return new Ears<>(next.startCall(stream, headers), stream);
  }

  static Status status(StoreError error) {
    return Status.fromCode(error.code()).withDescription(error.message());
  }

  /** Ends it, unless who serves it has. */
  synchronized void refuse(StoreError error) {
    open.remove(this);
    if (!ended) {
      ended = true;
      refused = true;
      super.close(status(error), new Metadata());
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

  /** For who serves it, a stream that the gate has ended is one that its client gave up. */
  private static final class Ears<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final OpenStream<Q, ?> stream;

    Ears(ServerCall.Listener<Q> listener, OpenStream<Q, ?> stream) {
      super(listener);
      this.stream = stream;
    }

    @Override
    public void onComplete() {
      stream.open.remove(stream);
      if (stream.refused()) {
        super.onCancel();
      } else {
        super.onComplete();
      }
    }

    @Override
    public void onCancel() {
      stream.open.remove(stream);
      super.onCancel();
    }
  }
}
