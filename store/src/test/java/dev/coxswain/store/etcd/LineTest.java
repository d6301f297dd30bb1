package dev.coxswain.store.etcd;

import static dev.coxswain.store.etcd.LocalServer.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CampaignRequest;
import dev.coxswain.proto.etcd.ElectionGrpc;
import dev.coxswain.proto.etcd.LeaderKey;
import dev.coxswain.proto.etcd.LeaderRequest;
import dev.coxswain.proto.etcd.LeaderResponse;
import dev.coxswain.proto.etcd.LockGrpc;
import dev.coxswain.proto.etcd.LockRequest;
import dev.coxswain.proto.etcd.ProclaimRequest;
import dev.coxswain.proto.etcd.ResignRequest;
import dev.coxswain.proto.etcd.UnlockRequest;
import dev.coxswain.runtime.program.HeldPort;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks and elections of one real member. */
final class LineTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final int MOST_BYTES = 1 << 20;
  private static final String TOO_LARGE = "INVALID_ARGUMENT: etcdserver: request is too large";

  @TempDir private Path directory;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private HeldPort port;
  private StoreNode node;
  private WatchDispatcher watches;
  private LocalServer server;

  @BeforeEach
  void start() throws Exception {
    port = new HeldPort();
    ManualTime time = new ManualTime();
    Path data = Files.createDirectory(directory.resolve("data"));
    node =
        TestNodes.node(
            TestNodes.first(
                data, Duration.ofMillis(700), new MemberUrl(false, "127.0.0.1", port.number())),
            time);
    watches =
        new WatchDispatcher(
            new WatchHub(() -> node.state().keyspace()), time, Duration.ofMinutes(10));
    node.onApply(watches::wake);
    CountDownLatch leads = new CountDownLatch(1);
    node.onLead(leads::countDown);
    node.start();
    watches.start();
    assertThat(leads.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    Stamp stamp = new Stamp(1, node);
    Line line =
        new Line(
            node,
            watches,
            new Quota(node, Long.MAX_VALUE),
            new RequestChecks(128, MOST_BYTES),
            Randomness.seeded(1));
    server =
        new LocalServer(
            List.of(),
            new LockService(line, stamp, workers),
            new ElectionService(line, stamp, workers));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    watches.stop();
    node.close();
    port.close();
    workers.close();
  }

  private static ByteString bytes(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  private LockGrpc.LockBlockingStub locks() {
    return LockGrpc.newBlockingStub(server.channel());
  }

  private ElectionGrpc.ElectionBlockingStub elections() {
    return ElectionGrpc.newBlockingStub(server.channel());
  }

  /** What is asked for would fit, but not what becomes of it: a leader cannot append so much. */
  @Test
  void namesOutOfWhichLargeRequestsWouldBecomeAreRefused() {
    ByteString name = bytes(MOST_BYTES / 3);
    long term = node.progress().term();
    assertThatThrownBy(() -> locks().lock(LockRequest.newBuilder().setName(name).build()))
        .hasMessage(TOO_LARGE);
    assertThatThrownBy(
            () -> elections().campaign(CampaignRequest.newBuilder().setName(name).build()))
        .hasMessage(TOO_LARGE);
    assertThatThrownBy(
            () -> locks().unlock(UnlockRequest.newBuilder().setKey(bytes(MOST_BYTES)).build()))
        .hasMessage(TOO_LARGE);
    LockRequest small = LockRequest.newBuilder().setName(bytes(8)).build();
    assertThat(locks().lock(small).getKey()).isNotEmpty();
    assertThat(node.progress().term()).isEqualTo(term);
  }

  @Test
  void anObserverHearsOfEachLeaderAndOfWhatItProclaims() throws Exception {
    ByteString name = ByteString.copyFromUtf8("post");
    LeaderKey first = elect(name, "a");
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    ElectionGrpc.newStub(server.channel())
        .observe(
            LeaderRequest.newBuilder().setName(name).build(),
            new StreamObserver<>() {
              @Override
              public void onNext(LeaderResponse leader) {
                heard.add(leader.getKv().getValue().toStringUtf8());
              }

              @Override
              public void onError(Throwable failure) {
                heard.add(failure.toString());
              }

              @Override
              public void onCompleted() {
                heard.add("completed");
              }
            });
    assertThat(next(heard)).isEqualTo("a");
    var _ =
        elections()
            .proclaim(
                ProclaimRequest.newBuilder()
                    .setLeader(first)
                    .setValue(ByteString.copyFromUtf8("b"))
                    .build());
    assertThat(next(heard)).isEqualTo("b");
    var _ = elections().resign(ResignRequest.newBuilder().setLeader(first).build());
    var _ = elect(name, "c");
    assertThat(next(heard)).isEqualTo("c");
  }

  private LeaderKey elect(ByteString name, String value) {
    return elections()
        .campaign(
            CampaignRequest.newBuilder()
                .setName(name)
                .setValue(ByteString.copyFromUtf8(value))
                .build())
        .getLeader();
  }
}
