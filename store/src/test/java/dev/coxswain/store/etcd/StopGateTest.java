package dev.coxswain.store.etcd;

import static dev.coxswain.store.etcd.LocalServer.next;
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
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that stops ends what would never end, and answers what it can. */
final class StopGateTest {
  private static final String STOPPED = "UNAVAILABLE etcdserver: server stopped";

  private final StopGate gate = new StopGate();
  private final BlockingQueue<String> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<RangeResponse>> reading = new LinkedBlockingQueue<>();
  private LocalServer server;

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
  void start() throws IOException {
    server = new LocalServer(List.of(gate), new SlowKeys(), new Quiet(), new Held());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void watchesAndWaitsForLocksEndAtOnceAndReadsAreAnswered() throws Exception {
    End<WatchResponse> watch = new End<>();
    var _ = WatchGrpc.newStub(server.channel()).watch(watch);
    assertThat(next(served)).isEqualTo("watch");
    End<LockResponse> lock = new End<>();
    LockGrpc.newStub(server.channel()).lock(LockRequest.getDefaultInstance(), lock);
    assertThat(next(served)).isEqualTo("lock");
    End<RangeResponse> read = new End<>();
    KVGrpc.newStub(server.channel()).range(RangeRequest.getDefaultInstance(), read);
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
    var _ = WatchGrpc.newStub(server.channel()).watch(watch);
    assertThat(next(watch.heard)).isEqualTo(STOPPED);
  }
}
