package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.runtime.program.HeldPort;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import dev.coxswain.store.watch.WatchHub;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreMetricsTest {
  private static final Duration ELECTION = Duration.ofMillis(700);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path directory;

  private final ManualTime time = new ManualTime();
  private final RatisMetricRegistry ratis =
      new RatisTimings().create(new MetricRegistryInfo("test", "test", "test", "test"));

  /** A process whose member begins anew keeps its process' Ratis. */
  @Test
  void aNodeThatIsClosedHearsOfNoFlushAnyMore() throws IOException {
    Metrics before = new Metrics();
    try (var _ = node("before", before)) {
      flush();
      assertThat(flushes(before)).isEqualTo(1);
    }
    Metrics after = new Metrics();
    try (var _ = node("after", after)) {
      flush();
      flush();
      assertThat(flushes(after)).isEqualTo(2);
    }
    assertThat(flushes(before)).isEqualTo(1);
    flush();
    assertThat(flushes(after)).isEqualTo(2);
  }

  @Test
  void whatAMemberCarriedOutIsCounted() throws IOException {
    Metrics metrics = new Metrics();
    try (HeldPort port = new HeldPort();
        StoreNode node = alone(new MemberUrl(false, "127.0.0.1", port.number()))) {
      new StoreMetrics(metrics, node, new WatchHub(() -> node.state().keyspace()), 0, time);
      node.start();
      Awaitility.await().atMost(PATIENCE).until(node::leads);
      RequestOp put = RequestOp.newBuilder().setRequestPut(put("b", 0)).build();
      RequestOp range = RequestOp.newBuilder().setRequestRange(range("b")).build();
      RequestOp deletion = RequestOp.newBuilder().setRequestDeleteRange(deletion("c")).build();
      write(node, new Operation.Put(put("a", 0)));
      write(node, new Operation.Txn(txn(put, range, deletion)));
      write(node, new Operation.Txn(txn(put)));
      write(node, new Operation.DeleteRange(deletion("a")));
      write(node, grant(7));
      write(node, new Operation.Put(put("e", 7)));
      write(node, new Operation.Put(put("f", 7)));
      node.keepAlive(7).join();
      write(node, revocation(7));
      assertThatThrownBy(() -> write(node, revocation(7))).hasMessageContaining("not found");
      write(node, grant(8));
      write(node, revocation(8));
      node.range(range("b")).join();
      node.readTxn(txn(range, range), true).join();
      assertThat(lines(metrics))
          .contains(
              "etcd_mvcc_put_total 5",
              "etcd_mvcc_delete_total 4",
              "etcd_mvcc_range_total 4",
              "etcd_mvcc_txn_total 2",
              "etcd_debugging_lease_granted_total 2",
              "etcd_debugging_lease_revoked_total 2",
              "etcd_debugging_lease_renewed_total 1",
              "etcd_server_proposals_failed_total 0",
              "etcd_server_is_learner 0",
              "# TYPE etcd_server_proposals_committed_total gauge",
              "# TYPE etcd_server_proposals_applied_total gauge",
              "etcd_server_proposals_applied_total " + node.progress().appliedIndex());
      Member learner =
          Member.newBuilder()
              .setID(node.memberId())
              .addPeerURLs("http://127.0.0.1:" + port.number())
              .setIsLearner(true)
              .build();
      write(node, new Operation.MemberSet(learner));
      assertThat(lines(metrics)).contains("etcd_server_is_learner 1");
    }
  }

  @Test
  void aWriteForWhichThereIsNoLeaderIsAFailedProposal() throws IOException {
    try (StoreNode node = node("leaderless", new Metrics())) {
      var write = node.write(new Operation.Put(put("a", 0)));
      var renewal = node.keepAlive(7);
      for (int waited = 0; !write.isDone() || !renewal.isDone(); waited++) {
        assertThat(waited).as("looks for a leader").isLessThan(1000);
        time.advance(ELECTION.dividedBy(10));
      }
      assertThat(write)
          .failsWithin(Duration.ZERO)
          .withThrowableThat()
          .withMessageContaining("etcdserver: no leader");
      assertThat(node.progress().failedProposals()).as("a renewal is no proposal").isOne();
    }
  }

  private StoreNode alone(MemberUrl own) throws IOException {
    Path data = Files.createDirectory(directory.resolve("alone"));
    return TestNodes.node(TestNodes.first(data, ELECTION, own), new SystemTime());
  }

  private static void write(StoreNode node, Operation operation) {
    var _ = node.write(operation).join();
  }

  private static PutRequest put(String key, long lease) {
    return PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setLease(lease).build();
  }

  private static RangeRequest range(String key) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  private static DeleteRangeRequest deletion(String key) {
    return DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  private static TxnRequest txn(RequestOp... parts) {
    return TxnRequest.newBuilder().addAllSuccess(List.of(parts)).build();
  }

  private static Operation grant(long id) {
    return new Operation.LeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(60).build());
  }

  private static Operation revocation(long id) {
    return new Operation.LeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
  }

  private static List<String> lines(Metrics metrics) {
    return metrics.page().text().lines().toList();
  }

  private StoreNode node(String name, Metrics metrics) throws IOException {
    Path data = Files.createDirectory(directory.resolve(name));
    StoreNode node = TestNodes.node(TestNodes.first(data, ELECTION, TestNodes.ANYWHERE), time);
    new StoreMetrics(metrics, node, new WatchHub(() -> node.state().keyspace()), 0, time);
    return node;
  }

  private void flush() {
    ratis.timer("syncTime").time().stop();
  }

  private static long flushes(Metrics metrics) {
    return metrics.registry().scrape("etcd_disk_wal_fsync_duration_seconds"::equals).stream()
        .flatMap(histogram -> ((HistogramSnapshot) histogram).getDataPoints().stream())
        .mapToLong(HistogramSnapshot.HistogramDataPointSnapshot::getCount)
        .sum();
  }
}
