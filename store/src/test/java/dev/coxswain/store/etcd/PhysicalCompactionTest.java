package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.DefragmentRequest;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.runtime.program.HeldPort;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.backup.LocalSnapshots;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who has space made and waits for the answer may count on it. Here no tick ever sweeps. */
final class PhysicalCompactionTest {
  private static final Duration ELECTION = Duration.ofMillis(700);
  private static final int PATIENCE_SECONDS = 60;

  @TempDir private Path directory;
  private HeldPort port;
  private StoreNode node;
  private LocalServer server;

  @BeforeEach
  void start() throws Exception {
    port = new HeldPort();
    Path data = Files.createDirectory(directory.resolve("data"));
    node =
        TestNodes.node(
            TestNodes.first(data, ELECTION, new MemberUrl(false, "127.0.0.1", port.number())),
            new ManualTime());
    CountDownLatch leads = new CountDownLatch(1);
    node.onLead(leads::countDown);
    node.start();
    assertThat(leads.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    Stamp stamp = new Stamp(1, node);
    Quota quota = new Quota(node, Long.MAX_VALUE);
    server =
        new LocalServer(
            List.of(),
            new KvService(node, stamp, quota, new RequestChecks(128, 1 << 20)),
            new MaintenanceService(
                node,
                stamp,
                quota,
                Runnable::run,
                new SnapshotCalls(node, stamp, new LocalSnapshots(directory), Runnable::run)));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    node.close();
    port.close();
  }

  @Test
  void aPhysicalCompactionIsAnsweredOnceItsHistoryIsFree() {
    compact(put("a"), false);
    assertThat(node.state().keyspace().needsSweep()).isTrue();
    compact(put("a"), true);
    assertThat(node.state().keyspace().needsSweep()).isFalse();
  }

  @Test
  void aDefragmentationIsAnsweredOnceCompactedHistoryIsFree() {
    compact(put("a"), false);
    var _ =
        MaintenanceGrpc.newBlockingStub(server.channel())
            .defragment(DefragmentRequest.getDefaultInstance());
    assertThat(node.state().keyspace().needsSweep()).isFalse();
  }

  private long put(String key) {
    var request = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    var _ = node.write(new Operation.Put(request)).join();
    return node.state().keyspace().revision();
  }

  private void compact(long revision, boolean physical) {
    var _ =
        KVGrpc.newBlockingStub(server.channel())
            .compact(
                CompactionRequest.newBuilder().setRevision(revision).setPhysical(physical).build());
  }
}
