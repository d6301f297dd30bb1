package dev.coxswain.store.etcd;

import static dev.coxswain.store.etcd.LocalServer.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.SnapshotRequest;
import dev.coxswain.proto.etcd.SnapshotResponse;
import dev.coxswain.proto.etcd.StatusRequest;
import dev.coxswain.proto.etcd.StatusResponse;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a learner serves, and that nobody else is made to wait for who is refused. */
final class LearnerGateTest {
  private static final String REFUSED = "UNAVAILABLE: etcdserver: rpc not supported for learner";

  private final AtomicInteger watched = new AtomicInteger();
  private volatile boolean learns = true;
  private LocalServer server;

  private static final class Keys extends KVGrpc.KVImplBase {
    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
      answer.onNext(RangeResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  private static final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
      answer.onNext(StatusResponse.getDefaultInstance());
      answer.onCompleted();
    }

    @Override
    public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> answer) {
      answer.onNext(SnapshotResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  private final class Watches extends WatchGrpc.WatchImplBase {
    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
      watched.incrementAndGet();
      return new Ends<>();
    }
  }

  /** Hears how a stream ends. */
  private static final class Ends<T> implements StreamObserver<T> {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      heard.add(status.getCode() + ": " + status.getDescription());
    }

    @Override
    public void onCompleted() {}
  }

  @BeforeEach
  void start() throws IOException {
    server =
        new LocalServer(
            List.of(new LearnerGate(() -> learns)), new Keys(), new Maintenance(), new Watches());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void read(boolean serializable) {
    var _ =
        KVGrpc.newBlockingStub(server.channel())
            .range(RangeRequest.newBuilder().setSerializable(serializable).build());
  }

  @Test
  void aLearnerAnswersForItselfAndWithWhatItHas() {
    assertThatCode(() -> read(true)).doesNotThrowAnyException();
    assertThatThrownBy(() -> read(false)).hasMessage(REFUSED);
    MaintenanceGrpc.MaintenanceBlockingStub maintenance =
        MaintenanceGrpc.newBlockingStub(server.channel());
    assertThat(maintenance.status(StatusRequest.getDefaultInstance())).isNotNull();
    assertThat(maintenance.snapshot(SnapshotRequest.getDefaultInstance()).hasNext()).isTrue();
    learns = false;
    assertThatCode(() -> read(false)).doesNotThrowAnyException();
  }

  /** As etcd does; who serves a watch would keep one for a client that never comes. */
  @Test
  void streamsAreRefusedBeforeTheyAreServed() throws Exception {
    Ends<WatchResponse> ends = new Ends<>();
    var _ = WatchGrpc.newStub(server.channel()).watch(ends);
    assertThat(next(ends.heard)).isEqualTo(REFUSED);
    assertThat(watched).hasValue(0);
  }
}
