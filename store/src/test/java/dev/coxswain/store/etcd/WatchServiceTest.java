package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.runtime.program.HeldPort;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is kept of a stream that has ended, whoever ended it. */
final class WatchServiceTest {
  @TempDir private Path directory;
  private final Keyspace keyspace = new Keyspace();
  private final ManualTime time = new ManualTime();
  private final WatchHub hub = new WatchHub(() -> keyspace);
  private final WatchDispatcher watches = new WatchDispatcher(hub, time, Duration.ofHours(1));
  private final SlowReader<WatchResponse> reader = new SlowReader<>();
  private final BlockingQueue<ServerCall<?, ?>> calls = new LinkedBlockingQueue<>();
  private HeldPort port;
  private StoreNode node;
  private LocalServer server;

  /** Hands the calls to the test. */
  private final class Keeper implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ServerCall.Listener<Q> listener = next.startCall(call, headers);
      calls.add(call);
      return listener;
    }
  }

  private static final class Client implements StreamObserver<WatchResponse> {
    @Override
    public void onNext(WatchResponse response) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  @BeforeEach
  void start() throws Exception {
    port = new HeldPort();
    node =
        TestNodes.node(
            TestNodes.first(
                Files.createDirectory(directory.resolve("data")),
                Duration.ofMillis(700),
                new MemberUrl(false, "127.0.0.1", port.number())),
            time);
    // Headers have Raft's term in them.
    node.start();
    watches.start();
    server = new LocalServer(List.of(new Keeper()), new WatchService(watches, new Stamp(1, node)));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    watches.stop();
    node.close();
    port.close();
  }

  private StreamObserver<WatchRequest> open() {
    StreamObserver<WatchRequest> requests = WatchGrpc.newStub(server.channel()).watch(new Client());
    Awaitility.await().untilAsserted(() -> assertThat(hub.streams()).isOne());
    return requests;
  }

  /** What it would be told about its requests is kept nowhere, for they are not taken. */
  @Test
  void whoDoesNotReadIsNotAskedForMore() throws Exception {
    StreamObserver<WatchRequest> requests =
        new WatchService(watches, new Stamp(1, node)).watch(reader);
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.getDefaultInstance())
            .build());
    CountDownLatch taken = new CountDownLatch(1);
    watches.post(any -> taken.countDown());
    taken.await();
    assertThat(reader.read()).hasSize(1);
    assertThat(reader.requested()).as("the first").isOne();
    reader.reads();
    assertThat(reader.requested()).isEqualTo(2);
    reader.reads();
    assertThat(reader.requested()).as("one at a time").isEqualTo(2);
  }

  @Test
  void aStreamThatItsClientEndsIsForgotten() {
    open().onError(Status.CANCELLED.asRuntimeException());
    Awaitility.await().untilAsserted(() -> assertThat(hub.streams()).isZero());
  }

  /** So gRPC does where a response cannot be sent, for it is too long. */
  @Test
  void aStreamThatIsEndedHereIsForgotten() throws Exception {
    var _ = open();
    ServerCall<?, ?> call = calls.take();
    call.close(Status.INTERNAL, new Metadata());
    Awaitility.await().untilAsserted(() -> assertThat(hub.streams()).isZero());
  }
}
