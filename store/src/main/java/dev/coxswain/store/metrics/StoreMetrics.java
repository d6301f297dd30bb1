package dev.coxswain.store.metrics;

import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.raft.OperationCounts;
import dev.coxswain.store.raft.Progress;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.watch.WatchHub;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store's metrics, under the names etcd gave them, so that dashboards made for it fit. */
public final class StoreMetrics implements HealthPages.Register {
  private static final double NANOS = 1e9;

  /** etcd's buckets for a flush: from one millisecond, doubling fourteen times. */
  private static final double FIRST_BUCKET_SECONDS = 0.001;

  private static final int BUCKETS = 14;

  /** The parts of a write are shorter than a flush may be. */
  private static final double FIRST_PART_SECONDS = 0.000125;

  /** etcd's own limit. */
  private static final long SLOW_APPLY_NANOS = 100_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(StoreMetrics.class);

  private final Metrics metrics;
  private final LongAdder healthy = new LongAdder();
  private final LongAdder unhealthy = new LongAdder();
  private final Gauge lastChecks;
  private final Counter checks;

  /** Registers everything about one member. */
  public StoreMetrics(Metrics metrics, StoreNode node, WatchHub hub, long quotaBytes, Time time) {
    this.metrics = metrics;
    raft(node);
    keyspace(node, quotaBytes);
    operations(node.counts());
    watches(hub);
    health();
    this.lastChecks =
        Gauge.builder()
            .name("etcd_server_healthcheck")
            .help("1 when a check of livez or readyz was passed the last time.")
            .labelNames("type", "name")
            .register(metrics.registry());
    this.checks =
        Counter.builder()
            .name("etcd_server_healthchecks")
            .help("Checks of livez and readyz by what came out of them.")
            .labelNames("type", "name", "status")
            .register(metrics.registry());
    Histogram flushes =
        Histogram.builder()
            .name("etcd_disk_wal_fsync_duration_seconds")
            .help("Seconds each flush of the log took.")
            .classicOnly()
            .classicExponentialUpperBounds(FIRST_BUCKET_SECONDS, 2, BUCKETS)
            .register(metrics.registry());
    observeFlushes(node, nanos -> flushes.observe(nanos / NANOS));
    SlowDisk disk = new SlowDisk(time, LOG::warn);
    observeFlushes(node, disk::flushed);
    gauge(
        "coxswain_store_disk_slow",
        "1 when in the last minute with enough of them more than one of a hundred flushes of the"
            + " log took over 10 ms.",
        () -> bit(disk.slow()));
    writes(node, new SlowWrites(time, LOG::warn));
  }

  // Ratis' measures are the process' own, and that may begin anew with another node.
  private static void observeFlushes(StoreNode node, LongConsumer listener) {
    node.onClose(RatisTimings.onFlush(listener));
  }

  private void writes(StoreNode node, SlowWrites slow) {
    observeFlushes(node, slow::flushed);
    node.onWritten(slow::written);
    Histogram parts =
        Histogram.builder()
            .name("coxswain_store_write_duration_seconds")
            .help(
                "Seconds that the parts of a log entry took on the leader, one after another: until"
                    + " it was begun, in the log, on a majority's disks, applied and answered.")
            .labelNames("part")
            .classicOnly()
            .classicExponentialUpperBounds(FIRST_PART_SECONDS, 2, BUCKETS)
            .register(metrics.registry());
    Counter slowApplies =
        Counter.builder()
            .name("etcd_server_slow_apply")
            .help("Log entries that took more than 100 ms to apply, as the leader.")
            .register(metrics.registry());
    node.onWritten(times -> {
      parts.labelValues("wait").observe(times.waited() / NANOS);
      parts.labelValues("append").observe(times.appended() / NANOS);
      parts.labelValues("commit").observe(times.committed() / NANOS);
      parts.labelValues("apply").observe(times.applied() / NANOS);
      if (times.applied() > SLOW_APPLY_NANOS) {
        slowApplies.inc();
      }
    });
  }

  private void raft(StoreNode node) {
    Progress progress = node.progress();
    gauge("etcd_server_has_leader", "1 when a leader is known.", () -> bit(leaderKnown(node)));
    gauge("etcd_server_is_leader", "1 when this member leads.", () -> bit(node.leads()));
    gauge("etcd_server_is_learner", "1 when this member is a learner.", () -> bit(node.learns()));
    counter(
        "etcd_server_leader_changes_seen",
        "Leader changes since the start.",
        progress::leaderChanges);
    gauge(
        "etcd_server_proposals_pending",
        "Operations without an answer yet.",
        progress::pendingProposals);
    counter(
        "etcd_server_proposals_failed",
        "Operations asked of this member that failed, or were not known in time to be done.",
        progress::failedProposals);
    // Gauges in spite of their names, as etcd's are.
    gauge(
        "etcd_server_proposals_committed_total",
        "Last log index known to be committed.",
        progress::committedIndex);
    gauge("etcd_server_proposals_applied_total", "Last log index applied.", progress::appliedIndex);
  }

  private static boolean leaderKnown(StoreNode node) {
    return node.leader().isPresent();
  }

  private void keyspace(StoreNode node, long quotaBytes) {
    gauge(
        "etcd_mvcc_db_total_size_in_bytes",
        "Bytes of heap that keys and their history take.",
        () -> keys(node).heapBytes());
    gauge(
        "etcd_mvcc_db_total_size_in_use_in_bytes",
        "Bytes of heap that the newest version of each key takes.",
        () -> keys(node).liveBytes());
    gauge("etcd_server_quota_backend_bytes", "The space quota.", () -> quotaBytes);
    gauge("etcd_debugging_mvcc_keys_total", "Keys that exist.", () -> keys(node).liveKeys());
    gauge(
        "etcd_debugging_mvcc_current_revision",
        "The newest revision.",
        () -> keys(node).revision());
    gauge(
        "etcd_debugging_mvcc_compact_revision",
        "The revision history was dropped before.",
        () -> keys(node).compactRevision());
  }

  private void operations(OperationCounts counts) {
    counter("etcd_mvcc_range", "Ranges read by this member.", counts::ranges);
    counter("etcd_mvcc_put", "Puts applied by this member.", counts::puts);
    counter(
        "etcd_mvcc_delete",
        "Deletions applied by this member, each key that ended with its lease included.",
        counts::deletions);
    counter(
        "etcd_mvcc_txn", "Transactions that did more than one thing here.", counts::transactions);
    counter("etcd_debugging_lease_granted", "Leases granted.", counts::leasesGranted);
    counter("etcd_debugging_lease_revoked", "Leases revoked or over.", counts::leasesRevoked);
    counter(
        "etcd_debugging_lease_renewed",
        "Renewals of leases by this member, as the leader.",
        counts::leasesRenewed);
  }

  private static Keyspace keys(StoreNode node) {
    return node.state().keyspace();
  }

  @Override
  public void told(boolean well) {
    (well ? healthy : unhealthy).increment();
  }

  @Override
  public void checked(String kind, String check, boolean passed) {
    lastChecks.labelValues(kind, check).set(bit(passed));
    checks.labelValues(kind, check, passed ? "success" : "error").inc();
  }

  // Counters, but etcd's names of them lack the ending that a counter's has to have here.
  private void health() {
    gauge("etcd_server_health_success", "Health checks that were passed.", healthy::sum);
    gauge("etcd_server_health_failures", "Health checks that failed.", unhealthy::sum);
  }

  private void watches(WatchHub hub) {
    gauge("etcd_debugging_mvcc_watcher_total", "Watches.", hub::watchers);
    gauge("etcd_debugging_mvcc_watch_stream_total", "Streams of watches.", hub::streams);
    gauge(
        "etcd_debugging_mvcc_slow_watcher_total",
        "Watches that have yet to catch up.",
        hub::lagging);
    counter("etcd_debugging_mvcc_events", "Events handed to watches.", hub::eventsSent);
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(metrics.registry());
  }

  private void counter(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(metrics.registry());
  }

  private static double bit(boolean value) {
    return value ? 1 : 0;
  }
}
