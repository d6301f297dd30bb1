package dev.coxswain.bench.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.runtime.time.Time;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Puts of 1 KiB, so many in flight, spread over the members. */
final class Load implements AutoCloseable {
  private static final int VALUE_BYTES = 1024;
  private static final int KEYS = 10_000;
  private static final int CALL_SECONDS = 10;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Time time;
  private final AtomicLong serial = new AtomicLong();

  /** What a window came to: rate per second, latencies in milliseconds. */
  record Result(double rate, double median, double ninetyNinth, long failures) {}

  Load(List<Integer> ports, Time time) {
    this.time = time;
    for (int port : ports) {
      channels.add(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build());
    }
  }

  /** One window. */
  Result puts(int inFlight, Duration window) {
    ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    AtomicLong failures = new AtomicLong();
    long started = time.nanos();
    long end = started + window.toNanos();
    Phaser done = new Phaser(1);
    for (int i = 0; i < inFlight; i++) {
      done.register();
      new Caller(channels.get(i % channels.size()), latencies, failures, end, done).next();
    }
    done.arriveAndAwaitAdvance();
    double seconds = (time.nanos() - started) / 1e9;
    List<Long> sorted = latencies.stream().sorted().toList();
    return new Result(
        sorted.size() / seconds, percentile(sorted, 0.5), percentile(sorted, 0.99), failures.get());
  }

  private static double percentile(List<Long> sorted, double share) {
    return sorted.isEmpty()
        ? Double.NaN
        : sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * share))) / 1e6;
  }

  private final class Caller implements StreamObserver<PutResponse> {
    private final KVGrpc.KVStub stub;
    private final ConcurrentLinkedQueue<Long> latencies;
    private final AtomicLong failures;
    private final long end;
    private final Phaser done;
    private long asked;

    Caller(
        ManagedChannel channel,
        ConcurrentLinkedQueue<Long> latencies,
        AtomicLong failures,
        long end,
        Phaser done) {
      this.stub = KVGrpc.newStub(channel);
      this.latencies = latencies;
      this.failures = failures;
      this.end = end;
      this.done = done;
    }

    void next() {
      asked = time.nanos();
      if (asked - end >= 0) {
        done.arriveAndDeregister();
        return;
      }
      long number = serial.incrementAndGet();
      byte[] value = new byte[VALUE_BYTES];
      for (int i = 0; i < Long.BYTES; i++) {
        value[i] = (byte) (number >>> (8 * i));
      }
      stub.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
          .put(
              PutRequest.newBuilder()
                  .setKey(ByteString.copyFromUtf8("/bench/" + number % KEYS))
                  .setValue(UnsafeByteOperations.unsafeWrap(value))
                  .build(),
              this);
    }

    @Override
    public void onNext(PutResponse response) {
      latencies.add(time.nanos() - asked);
    }

    @Override
    public void onError(Throwable failure) {
      failures.incrementAndGet();
      var _ = time.after(Duration.ofMillis(10), this::next);
    }

    @Override
    public void onCompleted() {
      next();
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
