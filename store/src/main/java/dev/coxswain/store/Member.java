package dev.coxswain.store;

import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.store.backup.LocalSnapshots;
import dev.coxswain.store.backup.ScheduledBackup;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.etcd.EtcdServer;
import dev.coxswain.store.etcd.Quota;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.Founder;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberMark;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.metrics.ClientMetrics;
import dev.coxswain.store.metrics.HealthPages;
import dev.coxswain.store.metrics.Nameplate;
import dev.coxswain.store.metrics.OperatorPort;
import dev.coxswain.store.metrics.Pages;
import dev.coxswain.store.metrics.StoreMetrics;
import dev.coxswain.store.raft.Introduction;
import dev.coxswain.store.raft.NodeConfig;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires one member together, starts it and stops it in order. */
final class Member implements MemberLives.Living {
  private static final Logger LOG = LoggerFactory.getLogger(Member.class);
  private static final Duration PUBLISH_PAUSE = Duration.ofSeconds(1);
  private static final Duration ADMISSION_PAUSE = Duration.ofMillis(100);

  private final StoreOptions options;
  private final Time time;
  private final MemberMark mark;
  private final FileChannel lockFile;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final StoreNode node;
  private final WatchDispatcher watches;
  private final EtcdServer server;
  private final OperatorPort operators;
  private final ScheduledBackup backup;
  private final boolean newcomer;
  private volatile boolean stopping;

  /** Takes hold of the data directory and builds a member on it, without starting it. */
  static Member open(StoreOptions options, Time time, Randomness randomness, StoreNode.Halt halt)
      throws IOException {
    Files.createDirectories(options.dataDirectory());
    // Everything the cluster knows stands in there, secrets too.
    Files.setPosixFilePermissions(
        options.dataDirectory(), PosixFilePermissions.fromString("rwx------"));
    FileChannel lockFile = lock(options.dataDirectory());
    try {
      return new Member(options, time, randomness, halt, lockFile);
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  private Member(
      StoreOptions options,
      Time time,
      Randomness randomness,
      StoreNode.Halt halt,
      FileChannel lockFile)
      throws IOException {
    this.options = options;
    this.time = time;
    this.lockFile = lockFile;
    this.mark = mark();
    Map<Long, MemberUrl> peers = founders(mark);
    if (mark.removed()) {
      throw new IOException(
          "the member has been permanently removed from the cluster; "
              + options.dataDirectory()
              + " must be emptied before it can be added anew");
    }
    Path log = options.dataDirectory().resolve(MemberMark.LOG);
    boolean present = Files.isDirectory(log.resolve(mark.group().toString()));
    if (mark.formed() && !present) {
      throw new DamagedException(options.dataDirectory() + " has lost this member's log");
    }
    this.newcomer = !present && peers.isEmpty();
    checkFree(options.peerUrl());
    this.node =
        new StoreNode(
            new NodeConfig(
                mark.memberId(),
                mark.group(),
                peers,
                options.others(),
                new DiskRoom(options.dataDirectory(), options.diskReserveBytes()),
                log,
                !present,
                options.peerUrl(),
                options.peerTls(),
                options.compaction(),
                options.snapshotEntries(),
                options.electionTimeout()),
            time,
            workers,
            halt);
    LocalSnapshots snapshots = new LocalSnapshots(options.dataDirectory().resolve("snapshots"));
    this.backup =
        new ScheduledBackup(
            snapshots,
            node::writeSnapshot,
            () -> node.state().keyspace().revision(),
            time,
            options.backups());
    WatchHub hub = new WatchHub(() -> node.state().keyspace());
    this.watches = new WatchDispatcher(hub, time, options.progressInterval());
    node.onApply(watches::wake);
    node.onLead(this::seedMembers);
    node.onRemoved(() -> {
      try {
        mark.asRemoved().write(options.dataDirectory());
      } catch (IOException e) {
        LOG.error("the removal could not be written down: {}", e.toString());
      }
      halt.halt("the member has been permanently removed from the cluster");
    });
    Quota quota = new Quota(node, options.quotaBytes());
    Metrics metrics = new Metrics();
    StoreMetrics told = new StoreMetrics(metrics, node, hub, options.quotaBytes(), time);
    Nameplate.show(
        metrics, mark.memberId(), EtcdServer.PROTOCOL_VERSION, EtcdServer.CLUSTER_VERSION);
    Map<String, Pages.Content> content = new HashMap<>(new HealthPages(new Health(), told).pages());
    content.put("/metrics", query -> page(metrics));
    content.put("/version", query -> version());
    Pages pages = new Pages(content);
    this.server =
        new EtcdServer(
            options.clientUrls(),
            options
                .clientTls()
                .map(files ->
                    new EtcdServer.ClientTls(
                        Tls.identity(files.certificate(), files.key()),
                        Tls.trust(files.authority()))),
            options.clientLimits(),
            mark.clusterId(),
            node,
            watches,
            quota,
            snapshots,
            pages,
            new ClientMetrics(metrics),
            workers,
            options.electionTimeout(),
            time,
            randomness);
    this.operators =
        new OperatorPort(
            options.metricsUrls(),
            options
                .clientTls()
                .map(files ->
                    Tls.context(
                        Tls.identity(files.certificate(), files.key()),
                        Tls.trust(files.authority()))),
            pages,
            workers);
  }

  // Before anything is written for a member that cannot listen.
  private static void checkFree(MemberUrl url) throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(url.host(), url.port()));
    } catch (BindException e) {
      throw new IOException(
          "--listen-peer-urls: cannot listen on " + url + ": " + e.getMessage(), e);
    }
  }

  private static Pages.Page page(Metrics metrics) {
    Metrics.Page page = metrics.page();
    return new Pages.Page(200, page.contentType(), page.text());
  }

  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      throw new IOException(directory + " is in use by another process");
    }
    return channel;
  }

  /** The founders, if this member is one of them; else it learns the others from the log. */
  private Map<Long, MemberUrl> founders(MemberMark mark) {
    Map<Long, MemberUrl> peers = new HashMap<>();
    for (Founder founder : options.founders()) {
      peers.put(founder.id(options.token()), founder.peerUrl());
    }
    return peers.containsKey(mark.memberId()) ? peers : Map.of();
  }

  private MemberMark mark() throws IOException {
    Optional<MemberMark> found = MemberMark.read(options.dataDirectory());
    if (found.isPresent()) {
      return found.get();
    }
    MemberMark fresh =
        options.joining()
            ? joining()
            : MemberMark.founding(options.self(), options.founders(), options.token());
    fresh.write(options.dataDirectory());
    return fresh;
  }

  /** Asks the cluster as whom it expects this member. */
  private MemberMark joining() throws IOException {
    Introduction.Cluster cluster = Introduction.ask(options.others(), options.peerTls());
    String url = options.self().peerUrl().toString();
    dev.coxswain.proto.etcd.Member listed =
        cluster.members().stream()
            .filter(member -> member.getPeerURLsList().contains(url))
            .findFirst()
            .orElseThrow(() ->
                new IOException(
                    "--initial-cluster-state=existing: cluster %s does not list %s; add it"
                            .formatted(Identity.text(cluster.id()), url)
                        + " first, with etcdctl member add"));
    if (!listed.getName().isEmpty()) {
      throw new IOException(
          "member %s at %s has been started before and its data is gone: remove it from the"
                  .formatted(Identity.text(listed.getID()), url)
              + " cluster and add it anew");
    }
    return new MemberMark(listed.getID(), cluster.id(), cluster.group(), false, false);
  }

  @Override
  public void start() throws IOException {
    node.start();
    if (!mark.formed()) {
      mark.asFormed().write(options.dataDirectory());
    }
    watches.start();
    if (newcomer) {
      // It holds nothing yet, and would say so to who asks for what may be stale.
      workers.execute(this::serveOnceInformed);
    } else {
      server.start();
    }
    operators.start();
    workers.execute(this::publish);
    backup.start();
    LOG.info(
        "member {} \"{}\" of cluster {} serves clients on {}, peers on {}",
        Identity.text(mark.memberId()),
        options.name(),
        Identity.text(mark.clusterId()),
        options.clientUrls(),
        options.peerUrl());
  }

  private void serveOnceInformed() {
    try {
      while (!stopping && !node.takesPart(mark.memberId())) {
        time.sleep(ADMISSION_PAUSE);
      }
      if (!stopping) {
        server.start();
        LOG.info("this member takes part and serves clients");
      }
    } catch (IOException | IllegalStateException e) {
      // A server that was stopped before it was started says that it cannot be.
      if (!stopping) {
        LOG.error("clients cannot be served: {}", e.toString());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Pages.Page version() {
    return Pages.Page.json(
        200,
        "{\"etcdserver\":\"%s\",\"etcdcluster\":\"%s.0\"}"
            .formatted(EtcdServer.PROTOCOL_VERSION, EtcdServer.CLUSTER_VERSION));
  }

  private final class Health implements HealthPages.Subject {
    @Override
    public boolean leaderKnown() {
      return node.leader().isPresent();
    }

    @Override
    public boolean learner() {
      return node.learns();
    }

    @Override
    public List<AlarmType> alarms() {
      return node.state().alarms().stream().map(StoreState.Alarm::type).toList();
    }

    @Override
    public CompletableFuture<?> read(boolean serializable) {
      return node.range(
          RangeRequest.newBuilder()
              .setKeysOnly(true)
              .setLimit(1)
              .setSerializable(serializable)
              .build());
    }
  }

  /**
   * The first leader of a new cluster writes the founders down; from then on the log knows them.
   */
  private void seedMembers() {
    if (founders(mark).isEmpty()) {
      return;
    }
    for (Founder founder : options.founders()) {
      long id = founder.id(options.token());
      // Flags may name members as they were never founded: at places to which they moved since.
      if (node.takesPart(id)
          && node.state().members().find(id) == null
          && !node.state().members().wasRemoved(id)) {
        var member =
            dev.coxswain.proto.etcd.Member.newBuilder()
                .setID(id)
                .setName(founder.name())
                .addPeerURLs(founder.peerUrl().toString())
                .build();
        var _ =
            node.write(new Operation.MemberSet(member))
                .whenComplete((done, failure) -> {
                  if (failure != null) {
                    LOG.info("the next leader writes the founders down: {}", failure.toString());
                  }
                });
      }
    }
  }

  /** Tells the cluster under which name and URLs clients find this member, until it knows. */
  private void publish() {
    dev.coxswain.proto.etcd.Member self =
        dev.coxswain.proto.etcd.Member.newBuilder()
            .setID(mark.memberId())
            .setName(options.name())
            .addPeerURLs(options.self().peerUrl().toString())
            .addAllClientURLs(options.advertisedClientUrls())
            .build();
    while (!stopping && !published(self)) {
      try {
        node.write(new Operation.MemberSet(self)).join();
      } catch (java.util.concurrent.CompletionException e) {
        LOG.info("not yet known to the cluster: {}", String.valueOf(e.getCause()));
        try {
          time.sleep(PUBLISH_PAUSE);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private boolean published(dev.coxswain.proto.etcd.Member self) {
    var known = node.state().members().find(mark.memberId());
    return known != null
        && known.getName().equals(self.getName())
        && known.getClientURLsList().equals(self.getClientURLsList());
  }

  /** Stops taking requests, then the rest, in order. */
  @Override
  public void stop() {
    node.handOver();
    abandon();
  }

  /** Stops without caring who leads next; for one that cannot write any more. */
  @Override
  public void abandon() {
    stopping = true;
    backup.stop();
    try {
      server.stop();
      watches.stop();
      operators.close();
      node.close();
      lockFile.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("stopping: {}", e.toString());
    }
    LOG.info("stopped");
  }
}
