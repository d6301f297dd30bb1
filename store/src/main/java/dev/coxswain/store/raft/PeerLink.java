package dev.coxswain.store.raft;

import dev.coxswain.store.error.StoreError;
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
 * Many small requests to one member over one stream, in {@link PeerFrames} whose bodies are {@link
 * PeerCall}s. Answers come in any order. When the stream ends, whatever had no answer fails with
 * its status, and the next request opens another.
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
    long number = numbers.incrementAndGet();
    Stream on;
    synchronized (this) {
      on = stream == null ? new Stream() : stream;
      stream = on;
      if (on.pending.size() >= MOST_PENDING) {
        return CompletableFuture.failedFuture(StoreError.TOO_MANY_REQUESTS.exception());
      }
      on.pending.put(number, new Pending(answer, now + patience.toNanos()));
    }
    on.frames.send(number, request);
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
    private final PeerFrames frames = new PeerFrames(EventLoopTurn::atItsEnd, this::send);
    private volatile @Nullable Throwable ended;

    Stream() {
      this.requests = opener.apply(this);
    }

    private void send(byte[] message) {
      try {
        requests.onNext(message);
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
    public void onNext(byte[] message) {
      for (PeerFrames.Frame frame : PeerFrames.read(message)) {
        Pending asked = pending.remove(frame.number());
        if (asked != null) {
          asked.answer().complete(frame.body());
        }
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
}
