package dev.coxswain.store.etcd;

import static dev.coxswain.store.etcd.LocalServer.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseGrpc;
import dev.coxswain.proto.etcd.LeaseKeepAliveRequest;
import dev.coxswain.proto.etcd.LeaseKeepAliveResponse;
import dev.coxswain.runtime.program.HeldPort;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One stream renews many leases, one after the other, as fast as its client reads. */
final class KeepAliveTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final long LEASE = 7;
  private static final long GONE = 8;

  @TempDir private Path directory;
  private HeldPort port;
  private StoreNode node;
  private LeaseService leases;

  @BeforeEach
  void start() throws Exception {
    port = new HeldPort();
    node =
        TestNodes.node(
            TestNodes.first(
                Files.createDirectory(directory.resolve("data")),
                Duration.ofMillis(700),
                new MemberUrl(false, "127.0.0.1", port.number())),
            new ManualTime());
    CountDownLatch leads = new CountDownLatch(1);
    node.onLead(leads::countDown);
    node.start();
    assertThat(leads.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    leases =
        new LeaseService(
            node, new Stamp(1, node), new Quota(node, Long.MAX_VALUE), Randomness.seeded(1));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    port.close();
  }

  private static LeaseKeepAliveRequest renew(long lease) {
    return LeaseKeepAliveRequest.newBuilder().setID(lease).build();
  }

  @Test
  void answersComeInTheOrderOfTheQuestions() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (LocalServer server = new LocalServer(List.of(), leases)) {
      var _ =
          LeaseGrpc.newBlockingStub(server.channel())
              .leaseGrant(LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(30).build());
      StreamObserver<LeaseKeepAliveRequest> requests =
          LeaseGrpc.newStub(server.channel())
              .leaseKeepAlive(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse answer) {
                      heard.add(answer.getID() + ": " + answer.getTTL());
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
      for (int i = 0; i < 100; i++) {
        requests.onNext(renew(LEASE));
        requests.onNext(renew(GONE));
      }
      requests.onCompleted();
      for (int i = 0; i < 100; i++) {
        assertThat(next(heard)).isEqualTo("7: 30");
        assertThat(next(heard)).isEqualTo("8: 0");
      }
      assertThat(next(heard)).isEqualTo("completed");
    }
  }

  @Test
  void whoDoesNotReadIsNotAskedForMore() {
    SlowReader<LeaseKeepAliveResponse> reader = new SlowReader<>();
    StreamObserver<LeaseKeepAliveRequest> requests = leases.leaseKeepAlive(reader);
    requests.onNext(renew(GONE));
    // It was looked whether there is room: the answer is given, and there is none.
    Awaitility.await().until(() -> reader.asked().getCount() == 0);
    assertThat(reader.read()).hasSize(1);
    assertThat(reader.requested()).as("the first").isOne();
    reader.reads();
    assertThat(reader.requested()).isEqualTo(2);
  }
}
