package dev.coxswain.store.etcd;

import static dev.coxswain.store.etcd.LocalServer.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.runtime.time.ManualTime;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who asks for a leader is not served without one; who does not ask is. */
final class LeaderGateTest {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final RangeRequest ANY = RangeRequest.getDefaultInstance();

  private final ManualTime time = new ManualTime();
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private volatile boolean leader = true;
  private LocalServer server;

  private static final class OneKey extends KVGrpc.KVImplBase {
    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
      answer.onNext(RangeResponse.newBuilder().setCount(1).build());
      answer.onCompleted();
    }
  }

  /** Answers each request, and says when it is over. */
  private final class Echo extends WatchGrpc.WatchImplBase {
    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
      ServerCallStreamObserver<WatchResponse> call =
          (ServerCallStreamObserver<WatchResponse>) observer;
      call.setOnCancelHandler(() -> ends.add("cancelled"));
      return new StreamObserver<>() {
        @Override
        public void onNext(WatchRequest request) {
          call.onNext(WatchResponse.newBuilder().setCreated(true).build());
        }

        @Override
        public void onError(Throwable failure) {
          ends.add("failed");
        }

        @Override
        public void onCompleted() {
          call.onCompleted();
        }
      };
    }
  }

  @BeforeEach
  void start() throws IOException {
    LeaderGate gate = new LeaderGate(() -> leader, time, PAUSE);
    server = new LocalServer(List.of(gate), new OneKey(), new Echo());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Channel channel(boolean demanding) {
    if (!demanding) {
      return server.channel();
    }
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    return ClientInterceptors.intercept(
        server.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private StreamObserver<WatchRequest> watch(boolean demanding) {
    return WatchGrpc.newStub(channel(demanding))
        .watch(
            new StreamObserver<>() {
              @Override
              public void onNext(WatchResponse response) {
                heard.add("created");
              }

              @Override
              public void onError(Throwable failure) {
                Status status = Status.fromThrowable(failure);
                heard.add(status.getCode() + " " + status.getDescription());
              }

              @Override
              public void onCompleted() {
                heard.add("completed");
              }
            });
  }

  @Test
  void callsOfWhoAsksForLeaderAreRefusedWithoutOne() {
    leader = false;
    assertThatThrownBy(() -> KVGrpc.newBlockingStub(channel(true)).range(ANY))
        .hasMessage("UNAVAILABLE: etcdserver: no leader");
    assertThatCode(() -> KVGrpc.newBlockingStub(channel(false)).range(ANY))
        .doesNotThrowAnyException();
    leader = true;
    assertThatCode(() -> KVGrpc.newBlockingStub(channel(true)).range(ANY))
        .doesNotThrowAnyException();
  }

  @Test
  void streamsAreNotOpenedWithoutLeader() throws Exception {
    leader = false;
    var _ = watch(true);
    assertThat(next(heard)).isEqualTo("UNAVAILABLE etcdserver: no leader");
  }

  @Test
  void openStreamsEndWhenThreeLooksInRowFindNoLeader() throws Exception {
    StreamObserver<WatchRequest> demanding = watch(true);
    demanding.onNext(WatchRequest.getDefaultInstance());
    assertThat(next(heard)).isEqualTo("created");
    leader = false;
    time.advance(PAUSE.multipliedBy(2));
    leader = true;
    time.advance(PAUSE);
    leader = false;
    time.advance(PAUSE.multipliedBy(2));
    demanding.onNext(WatchRequest.getDefaultInstance());
    assertThat(next(heard)).isEqualTo("created");
    time.advance(PAUSE);
    assertThat(next(heard)).isEqualTo("UNAVAILABLE etcdserver: no leader");
    assertThat(next(ends)).as("who serves it lets go of it").isEqualTo("cancelled");
  }

  @Test
  void streamsOfWhoDoesNotAskStayOpen() throws Exception {
    StreamObserver<WatchRequest> patient = watch(false);
    patient.onNext(WatchRequest.getDefaultInstance());
    assertThat(next(heard)).isEqualTo("created");
    leader = false;
    time.advance(PAUSE.multipliedBy(10));
    patient.onNext(WatchRequest.getDefaultInstance());
    assertThat(next(heard)).isEqualTo("created");
  }

  @Test
  void looksEndWithTheLastStream() throws Exception {
    StreamObserver<WatchRequest> demanding = watch(true);
    demanding.onNext(WatchRequest.getDefaultInstance());
    assertThat(next(heard)).isEqualTo("created");
    assertThat(time.waiting()).isOne();
    demanding.onCompleted();
    assertThat(next(heard)).isEqualTo("completed");
    Awaitility.await()
        .untilAsserted(() -> {
          time.advance(PAUSE);
          assertThat(time.waiting()).isZero();
        });
  }
}
