package dev.coxswain.store.raft;

import dev.coxswain.runtime.tls.Tls;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * How Ratis is set up. What is safety: flushes are neither asynchronous nor skipped, the log is
 * purged only up to a snapshot that is on disk. What is speed: no waiting in the appender, no entry
 * in the log that says only what was committed.
 */
final class RaftSettings {
  /**
   * What a follower is sent at once, and the longest entry Ratis will read back. Twice as much as
   * any entry here and more: reading a segment whose zeros follow an entry of over half this size,
   * Ratis 3.3 fails with "Resetting to invalid mark".
   */
  private static final SizeInBytes ENTRY_MAXIMUM = SizeInBytes.valueOf("4MB");

  /** Ratis wants room for an entry and its frame. */
  private static final SizeInBytes WRITE_BUFFER = SizeInBytes.valueOf("4160KB");

  private static final SizeInBytes MESSAGE_MAXIMUM = SizeInBytes.valueOf("16MB");
  private static final SizeInBytes SEGMENT = SizeInBytes.valueOf("8MB");

  /**
   * What the log worker fills with zeros ahead of its writing, so that a flush need not write the
   * file's new length too. A whole segment of them would hold up every flush in line behind it, on
   * all members at about the same time.
   */
  private static final SizeInBytes PREALLOCATED = SizeInBytes.valueOf("256KB");

  private static final SizeInBytes SEGMENT_CACHE = SizeInBytes.valueOf("8MB");
  private static final SizeInBytes SNAPSHOT_CHUNK = SizeInBytes.valueOf("1MB");

  /**
   * The share of a snapshot's entries kept in the log, so that a member briefly away needs none.
   */
  private static final long ENTRIES_KEPT_SHARE = 4;

  /** Entries by which the log must have become purgeable before it is purged again. */
  private static final long PURGE_GAP_MOST = 1024;

  private static final int SNAPSHOTS_KEPT = 2;

  /**
   * The longest wait for a leader, in percent of the shortest. A follower looks only when a wait is
   * over and then waits anew, so that members are spread by when they happen to look, and a wide
   * range would only make the gap longer.
   */
  private static final long SPREAD_PERCENT = 140;

  /**
   * How long an appender lets a follower be after an error: ten times a millisecond, then always
   * this. By default it grows to five seconds, in which a member that is back hears nothing, not
   * even that there is a leader.
   */
  private static final String APPENDER_PATIENCE = "1ms,10, 100ms," + Integer.MAX_VALUE;

  /**
   * What an appender sleeps when its stream takes no more, again and again until it does; with 0 it
   * would be a millisecond. It is also the least time between two messages.
   */
  private static final TimeDuration APPENDER_PAUSE =
      TimeDuration.valueOf(20, TimeUnit.MICROSECONDS);

  private RaftSettings() {}

  static RaftProperties properties(NodeConfig config) {
    RaftProperties properties = new RaftProperties();
    RaftConfigKeys.Rpc.setType(properties, new ReplicationRpc());
    GrpcConfigKeys.Server.setHost(properties, config.listen().host());
    GrpcConfigKeys.Server.setPort(properties, config.listen().port());
    GrpcConfigKeys.setMessageSizeMax(properties, MESSAGE_MAXIMUM);
    RaftServerConfigKeys.setStorageDir(properties, List.of(config.directory().toFile()));
    elections(properties, config);
    log(properties, config);
    snapshots(properties);
    threads(properties);
    // Ratis answers no reads here: LeadershipRound says why.
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.DEFAULT);
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    RaftServerConfigKeys.Read.ReadAfterWriteConsistent.setWriteIndexCacheExpiryTime(
        properties, seconds(15));
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, seconds(5));
    return properties;
  }

  private static void elections(RaftProperties properties, NodeConfig config) {
    TimeDuration shortest = millis(config.electionTimeout().toMillis());
    TimeDuration longest = millis(2 * config.electionTimeout().toMillis());
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, shortest);
    RaftServerConfigKeys.Rpc.setTimeoutMax(
        properties, millis(config.electionTimeout().toMillis() * SPREAD_PERCENT / 100));
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, longest);
    // After a start nobody is being waited for, and a member alone needs to wait for nobody at all.
    boolean alone = config.peers().size() <= 1 && config.others().isEmpty();
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
        properties, millis(alone ? 1 : shortest.toIntExact(TimeUnit.MILLISECONDS) / 2));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        properties, millis(alone ? 10 : shortest.toIntExact(TimeUnit.MILLISECONDS)));
    RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, seconds(60));
    // A leader that lost its majority stands again soon, not only after ten seconds.
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, longest);
    RaftServerConfigKeys.setSleepDeviationThreshold(properties, longest);
    // A member that was stopped for long (a suspended machine) shall take part again, not close.
    RaftServerConfigKeys.setCloseThreshold(properties, seconds(24 * 3600));
  }

  private static void log(RaftProperties properties, NodeConfig config) {
    RaftServerConfigKeys.Log.setForceSyncNum(properties, 1024);
    RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
    RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
    // Commits are told by CommitNews, without a flush of their own.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    // One hop less: an append is handed to the log by the thread that received it. And safety: with
    // it, a follower of Ratis 3.3 takes a longer batch for a shorter one that begins at the same
    // index and is still being appended (NavigableIndices compares where batches begin, not where
    // they end); it acknowledges entries that it does not have, and the leader believes it.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SEGMENT);
    RaftServerConfigKeys.Log.setPreallocatedSize(properties, PREALLOCATED);
    RaftServerConfigKeys.Log.setWriteBufferSize(properties, WRITE_BUFFER);
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SEGMENT_CACHE);
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(
        properties, (int) Math.min(PURGE_GAP_MOST, config.snapshotEntries() / ENTRIES_KEPT_SHARE));
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(
        properties, config.snapshotEntries() / ENTRIES_KEPT_SHARE);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, ENTRY_MAXIMUM);
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, APPENDER_PAUSE);
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, APPENDER_PATIENCE);
    RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(properties, SNAPSHOT_CHUNK);
    RaftServerConfigKeys.Write.setElementLimit(properties, 64);
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("16MB"));
  }

  private static void snapshots(RaftProperties properties) {
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    // How often to ask, in entries; the snapshotter decides.
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, 16);
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, SNAPSHOTS_KEPT);
  }

  private static void threads(RaftProperties properties) {
    RaftServerConfigKeys.ThreadPool.setClientSize(properties, 4);
    RaftServerConfigKeys.ThreadPool.setServerSize(properties, 8);
    RaftServerConfigKeys.ThreadPool.setProxySize(properties, 4);
    GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, 4);
    GrpcConfigKeys.Server.setStubPoolSize(properties, 1);
    GrpcConfigKeys.Server.setBossGroupSize(properties, 1);
    GrpcConfigKeys.Server.setWorkerGroupSize(properties, 2);
  }

  static Parameters parameters(
      NodeConfig config, GrpcServices.Customizer services, CommitNews news) {
    Parameters parameters = new Parameters();
    ReplicationRpc.setNews(parameters, news);
    config.tls().ifPresent(files -> GrpcConfigKeys.TLS.setConf(parameters, tls(files)));
    GrpcConfigKeys.Server.setServicesCustomizer(parameters, services);
    return parameters;
  }

  // Read by ourselves: keys of every form that etcd takes, and followed when the files change.
  static GrpcTlsConfig tls(PeerTls files) {
    return GrpcTlsConfig.newBuilder()
        .setKeyManager(Tls.identity(files.certificate(), files.key()))
        .setTrustManager(Tls.trust(files.authority()))
        .setMutualTls(true)
        .setSslProvider(SslProvider.JDK)
        .build();
  }

  private static TimeDuration millis(long millis) {
    return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
  }

  private static TimeDuration seconds(long seconds) {
    return TimeDuration.valueOf(seconds, TimeUnit.SECONDS);
  }
}
