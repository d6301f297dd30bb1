package dev.coxswain.bench.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.bench.Latencies;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.runtime.time.Time;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Closed loops against a store: so many callers, spread over the members, each one at a time. */
final class Load implements AutoCloseable {
  /** Below it lie all keys. */
  static final String PREFIX = "/bench/";

  private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_DIGITS = 9;
  private static final ByteString END = ByteString.copyFromUtf8("/bench0");
  private static final int VALUE_BYTES = 1024;
  private static final int FLOW_CONTROL_WINDOW = 1 << 20;
  private static final int CALL_SECONDS = 10;
  private static final int RANGE_LIMIT = 100;
  private static final Duration AFTER_FAILURE = Duration.ofMillis(10);

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Time time;
  private final int keys;
  private final int valueBytes;
  private final AtomicLong serial = new AtomicLong();
  private volatile LongConsumer acknowledged = at -> {};

  /** What a window came to: rate per second, latencies in milliseconds. */
  record Result(double rate, double median, double ninetyNinth, long failures) {}

  /** Callers that write 1 KiB over a set of so many keys. */
  Load(List<Integer> ports, Time time, int keys) {
    this(ports, time, keys, VALUE_BYTES);
  }

  Load(List<Integer> ports, Time time, int keys, int valueBytes) {
    this.time = time;
    this.keys = keys;
    this.valueBytes = valueBytes;
    for (int port : ports) {
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              .directExecutor()
              // Without it the client pings to learn how much is under way, and both stores answer.
              .flowControlWindow(FLOW_CONTROL_WINDOW)
              .build());
    }
  }

  /** Calls back with the nanoseconds of each acknowledged request. */
  void onAcknowledged(LongConsumer listener) {
    acknowledged = listener;
  }

  /** Writes every key once. */
  void fill(int inFlight) {
    run(Work.PUT, inFlight, Long.MAX_VALUE / 2, keys);
  }

  /** So many requests. */
  void requests(Work work, int inFlight, long most) {
    run(work, inFlight, Long.MAX_VALUE / 2, most);
  }

  /** Drops history, as an API server does every few minutes. */
  void compact() {
    var kv = KVGrpc.newBlockingStub(channels.getFirst());
    long revision =
        kv.range(RangeRequest.newBuilder().setKey(anyKey()).build()).getHeader().getRevision();
    // Refused when nothing was written since the last time, which is as well.
    try {
      var _ = kv.compact(CompactionRequest.newBuilder().setRevision(revision).build());
    } catch (StatusRuntimeException alreadyDone) {
      return;
    }
  }

  /** One window. */
  Result window(Work work, int inFlight, Duration window) {
    return run(work, inFlight, window.toNanos(), Long.MAX_VALUE);
  }

  /** Puts at a steady pace, whether or not those before were answered, each to the next member. */
  void paced(Duration period, Duration duration) throws InterruptedException {
    long started = time.nanos();
    for (long n = 0; n * period.toNanos() < duration.toNanos(); n++) {
      long wait = started + n * period.toNanos() - time.nanos();
      if (wait > 0) {
        time.sleep(Duration.ofNanos(wait));
      }
      ManagedChannel channel = channels.get((int) (n % channels.size()));
      Phaser lone = new Phaser(1);
      new Caller(Work.PUT, channel, Long.MAX_VALUE, new AtomicLong(1), lone).once();
    }
  }

  private Result run(Work work, int inFlight, long nanos, long most) {
    long started = time.nanos();
    AtomicLong left = new AtomicLong(most);
    Phaser done = new Phaser(1);
    List<Caller> callers = new ArrayList<>();
    for (int i = 0; i < inFlight; i++) {
      done.register();
      callers.add(new Caller(work, channels.get(i % channels.size()), started + nanos, left, done));
    }
    callers.forEach(Caller::next);
    done.arriveAndAwaitAdvance();
    double seconds = (time.nanos() - started) / 1e9;
    long[] sorted = callers.stream().flatMapToLong(Caller::latencies).sorted().toArray();
    return new Result(
        sorted.length / seconds,
        Latencies.percentile(sorted, 0.5),
        Latencies.percentile(sorted, 0.99),
        callers.stream().mapToLong(caller -> caller.failures).sum());
  }

  /** Some key that may be there. */
  static ByteString anyKey() {
    return key(0);
  }

  /** The first key after all of them. */
  static ByteString end() {
    return END;
  }

  // By hand: a format would be a measurable part of what this program costs the machine.
  private static ByteString key(long number) {
    byte[] key = Arrays.copyOf(PREFIX_BYTES, PREFIX_BYTES.length + KEY_DIGITS);
    long rest = number;
    for (int i = key.length - 1; i >= PREFIX_BYTES.length; i--) {
      key[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return UnsafeByteOperations.unsafeWrap(key);
  }

  private final class Caller implements StreamObserver<Message> {
    private final Work work;
    private final KVGrpc.KVStub stub;
    private final long end;
    private final AtomicLong left;
    private final Phaser done;
    private long[] latencies = new long[1024];
    private int count;
    private long failures;
    private long asked;
    private boolean single;

    Caller(Work work, ManagedChannel channel, long end, AtomicLong left, Phaser done) {
      this.work = work;
      this.stub = KVGrpc.newStub(channel);
      this.end = end;
      this.left = left;
      this.done = done;
    }

    java.util.stream.LongStream latencies() {
      return Arrays.stream(latencies, 0, count);
    }

    /** One request, not repeated when it fails. */
    void once() {
      asked = time.nanos();
      left.decrementAndGet();
      single = true;
      stub.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
          .put(put(serial.incrementAndGet()), narrow());
    }

    void next() {
      asked = time.nanos();
      if (asked - end >= 0 || left.getAndDecrement() <= 0) {
        done.arriveAndDeregister();
        return;
      }
      long number = serial.incrementAndGet();
      var timed = stub.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
      if (work.writes(number)) {
        timed.put(put(number), narrow());
      } else {
        timed.range(range(number), narrow());
      }
    }

    @SuppressWarnings("unchecked")
    private <T extends Message> StreamObserver<T> narrow() {
      return (StreamObserver<T>) (StreamObserver<?>) this;
    }

    // A value starts with when it was written, so that a watcher knows how old its event is.
    private PutRequest put(long number) {
      byte[] value = new byte[valueBytes];
      ByteBuffer.wrap(value).putLong(asked).putLong(number);
      return PutRequest.newBuilder()
          .setKey(key(number % keys))
          .setValue(UnsafeByteOperations.unsafeWrap(value))
          .build();
    }

    private RangeRequest range(long number) {
      RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key(number % keys));
      return work == Work.RANGE
          ? range.setRangeEnd(END).setLimit(RANGE_LIMIT).build()
          : range.build();
    }

    @Override
    public void onNext(Message response) {
      long now = time.nanos();
      if (count == latencies.length) {
        latencies = Arrays.copyOf(latencies, count * 2);
      }
      latencies[count++] = now - asked;
      acknowledged.accept(now);
    }

    @Override
    public void onError(Throwable failure) {
      failures++;
      if (single) {
        return;
      }
      left.incrementAndGet();
      var _ = time.after(AFTER_FAILURE, this::next);
    }

    @Override
    public void onCompleted() {
      if (!single) {
        next();
      }
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
