package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.LockGrpc;
import dev.coxswain.proto.etcd.LockRequest;
import dev.coxswain.proto.etcd.LockResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that stops ends what would never end, and answers what it can. */
final class StopGateTest {
  private static final String STOPPED = "UNAVAILABLE etcdserver: server stopped";

  private final StopGate gate = new StopGate();
  private final BlockingQueue<String> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<RangeResponse>> reading = new LinkedBlockingQueue<>();
  private @Nullable Server server;
  private @Nullable ManagedChannel channel;

  /** Answers when the test does. */
  private final class SlowKeys extends KVGrpc.KVImplBase {
    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
      reading.add(answer);
    }
  }

  private final class Quiet extends WatchGrpc.WatchImplBase {
    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
      ((ServerCallStreamObserver<WatchResponse>) observer)
          .setOnCancelHandler(() -> served.add("watch cancelled"));
      served.add("watch");
      return new Nothing<>();
    }
  }

  private final class Held extends LockGrpc.LockImplBase {
    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
      ((ServerCallStreamObserver<LockResponse>) observer)
          .setOnCancelHandler(() -> served.add("lock cancelled"));
      served.add("lock");
    }
  }

  private static final class Nothing<T> implements StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  /** What a client hears at the end. */
  private static final class End<T> implements StreamObserver<T> {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      heard.add(status.getCode() + " " + status.getDescription());
    }

    @Override
    public void onCompleted() {
      heard.add("completed");
    }
  }

  @BeforeEach
  void start() throws Exception {
    Server started =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(ServerInterceptors.intercept(new SlowKeys(), gate))
            .addService(ServerInterceptors.intercept(new Quiet(), gate))
            .addService(ServerInterceptors.intercept(new Held(), gate))
            .build()
            .start();
    server = started;
    channel = NettyChannelBuilder.forAddress("127.0.0.1", started.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (server != null) {
      server.shutdownNow();
    }
  }

  private static <T> @Nullable T next(BlockingQueue<T> queue) throws InterruptedException {
    return queue.poll(20, TimeUnit.SECONDS);
  }

  @Test
  void watchesAndWaitsForLocksEndAtOnceAndReadsAreAnswered() throws Exception {
    ManagedChannel open = Objects.requireNonNull(channel);
    End<WatchResponse> watch = new End<>();
    var _ = WatchGrpc.newStub(open).watch(watch);
    assertThat(next(served)).isEqualTo("watch");
    End<LockResponse> lock = new End<>();
    LockGrpc.newStub(open).lock(LockRequest.getDefaultInstance(), lock);
    assertThat(next(served)).isEqualTo("lock");
    End<RangeResponse> read = new End<>();
    KVGrpc.newStub(open).range(RangeRequest.getDefaultInstance(), read);
    StreamObserver<RangeResponse> answer = Objects.requireNonNull(next(reading));

    gate.stop();

    assertThat(next(watch.heard)).isEqualTo(STOPPED);
    assertThat(next(lock.heard)).isEqualTo(STOPPED);
    assertThat(new String[] {next(served), next(served)})
        .as("who serves them lets go of them")
        .containsExactlyInAnyOrder("watch cancelled", "lock cancelled");
    answer.onNext(RangeResponse.getDefaultInstance());
    answer.onCompleted();
    assertThat(next(read.heard)).isEqualTo("completed");
  }

  @Test
  void whatComesAfterwardsEndsAsWell() throws Exception {
    gate.stop();
    End<WatchResponse> watch = new End<>();
    var _ = WatchGrpc.newStub(Objects.requireNonNull(channel)).watch(watch);
    assertThat(next(watch.heard)).isEqualTo(STOPPED);
  }
}
