package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import dev.coxswain.store.watch.WatchHub;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreMetricsTest {
  private static final Duration ELECTION = Duration.ofMillis(700);

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
