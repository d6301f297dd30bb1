package dev.coxswain.store.raft;

import dev.coxswain.store.error.StoreError;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Many small requests to one member over one stream, which costs each a message instead of a call.
 * A frame is a request's number, eight bytes, then the {@link PeerCall}. Answers come in any order.
 * When the stream ends, whatever had no answer fails with its status, and the next request opens
 * another.
 */
final class PeerLink {
  /** Requests without an answer; one more is refused with "too many requests". */
  private static final int MOST_PENDING = 20_000;

  private final Function<StreamObserver<byte[]>, StreamObserver<byte[]>> opener;
  private final AtomicLong numbers = new AtomicLong();
  private @Nullable Stream stream;

  /** A link whose stream is opened towards an observer of answers. */
  PeerLink(Function<StreamObserver<byte[]>, StreamObserver<byte[]>> opener) {
    this.opener = opener;
  }

  private record Pending(CompletableFuture<byte[]> answer, long deadline) {}

  /** Asks; the answer fails when the stream does, or once {@link #expire} finds it too late. */
  CompletableFuture<byte[]> ask(byte[] request, long now, Duration patience) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    Stream on;
    synchronized (this) {
      on = stream == null ? new Stream() : stream;
      stream = on;
      if (on.pending.size() >= MOST_PENDING) {
        return CompletableFuture.failedFuture(StoreError.TOO_MANY_REQUESTS.exception());
      }
      long number = numbers.incrementAndGet();
      on.pending.put(number, new Pending(answer, now + patience.toNanos()));
      on.send(frame(number, request));
    }
    on.failIfEnded();
    return answer;
  }

  /** Fails what has waited too long. Called now and then. */
  void expire(long now) {
    Stream on;
    synchronized (this) {
      on = stream;
    }
    if (on != null) {
      on.expire(now);
    }
  }

  private synchronized void forget(Stream ended) {
    if (stream == ended) {
      stream = null;
    }
  }

  private final class Stream implements StreamObserver<byte[]> {
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final StreamObserver<byte[]> requests;
    private volatile @Nullable Throwable ended;

    Stream() {
      this.requests = opener.apply(this);
    }

    void send(byte[] frame) {
      try {
        requests.onNext(frame);
      } catch (IllegalStateException ended) {
        fail(Status.UNAVAILABLE.withCause(ended).asRuntimeException());
      }
    }

    void expire(long now) {
      for (Iterator<Pending> each = pending.values().iterator(); each.hasNext(); ) {
        Pending one = each.next();
        if (one.deadline() - now <= 0) {
          each.remove();
          one.answer().completeExceptionally(Status.DEADLINE_EXCEEDED.asRuntimeException());
        }
      }
    }

    @Override
    public void onNext(byte[] frame) {
      Pending asked = pending.remove(number(frame));
      if (asked != null) {
        asked.answer().complete(body(frame));
      }
    }

    @Override
    public void onError(Throwable failure) {
      fail(failure);
    }

    @Override
    public void onCompleted() {
      fail(Status.UNAVAILABLE.withDescription("the member ended the stream").asRuntimeException());
    }

    // What was asked while the stream was ending would otherwise wait for nobody.
    void failIfEnded() {
      Throwable failure = ended;
      if (failure != null) {
        fail(failure);
      }
    }

    private void fail(Throwable failure) {
      ended = failure;
      forget(this);
      for (Long number : List.copyOf(pending.keySet())) {
        Pending one = pending.remove(number);
        if (one != null) {
          one.answer().completeExceptionally(failure);
        }
      }
    }
  }

  static byte[] frame(long number, byte[] body) {
    return ByteBuffer.allocate(Long.BYTES + body.length).putLong(number).put(body).array();
  }

  static long number(byte[] frame) {
    return ByteBuffer.wrap(frame).getLong();
  }

  static byte[] body(byte[] frame) {
    byte[] body = new byte[frame.length - Long.BYTES];
    System.arraycopy(frame, Long.BYTES, body, 0, body.length);
    return body;
  }
}
