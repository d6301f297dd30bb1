package dev.coxswain.store;

import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.store.backup.ScheduledBackup;
import dev.coxswain.store.command.RecoverCommand;
import dev.coxswain.store.command.SnapshotCommand;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.member.Founder;
import dev.coxswain.store.member.MemberUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cox store}: one member of the replicated store, until it is told to stop. */
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = "One member of the replicated store; speaks the etcd v3 API.",
    subcommands = {SnapshotCommand.class, RecoverCommand.class})
public final class StoreCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(StoreCommand.class);
  private static final int FAILURE = 1;

  /** Half the heap: history, the log's cache and the requests under way need the rest. */
  private static final int QUOTA_SHARE_OF_HEAP = 2;

  @Mixin SettledOptions settled = new SettledOptions();
  @Mixin ClientLimitOptions clientLimits = new ClientLimitOptions();

  @Option(names = "--name", defaultValue = "default", description = "This member's name.")
  private String name = "default";

  @Option(names = "--data-dir", description = "Where the log and state lie. Must be given.")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--listen-client-urls",
      split = ",",
      defaultValue = "http://127.0.0.1:2379",
      description = "URLs to listen on for clients. Default: ${DEFAULT-VALUE}.")
  private List<String> listenClientUrls = List.of();

  @Option(
      names = "--advertise-client-urls",
      split = ",",
      description = "Client URLs told to the others. Default: those listened on.")
  private @Nullable List<String> advertiseClientUrls;

  @Option(
      names = "--listen-peer-urls",
      defaultValue = "http://127.0.0.1:2380",
      description = "URL to listen on for peers. Default: ${DEFAULT-VALUE}.")
  private String listenPeerUrl = "";

  @Option(
      names = "--initial-advertise-peer-urls",
      description = "Peer URL told to the others. Default: the one in --initial-cluster.")
  private @Nullable String advertisePeerUrl;

  @Option(
      names = "--initial-cluster",
      description = "Founding members: name=https://host:port,... Default: this one alone.")
  private @Nullable String initialCluster;

  @Option(
      names = "--initial-cluster-state",
      defaultValue = "new",
      description = "\"new\", or \"existing\" to join. Default: ${DEFAULT-VALUE}.")
  private String initialClusterState = "new";

  @Option(
      names = "--initial-cluster-token",
      defaultValue = "etcd-cluster",
      description = "Keeps clusters apart. Default: ${DEFAULT-VALUE}.")
  private String token = "etcd-cluster";

  @Option(names = "--cert-file", description = "Server certificate shown to clients, PEM.")
  private @Nullable Path certFile;

  @Option(names = "--key-file", description = "Its key, PEM.")
  private @Nullable Path keyFile;

  @Option(
      names = "--trusted-ca-file",
      description = "Authority whose client certificates are let in, PEM.")
  private @Nullable Path trustedCaFile;

  @Option(names = "--peer-cert-file", description = "Certificate shown to peers, PEM.")
  private @Nullable Path peerCertFile;

  @Option(names = "--peer-key-file", description = "Its key, PEM.")
  private @Nullable Path peerKeyFile;

  @Option(names = "--peer-trusted-ca-file", description = "Authority of the peers, PEM.")
  private @Nullable Path peerTrustedCaFile;

  @Option(
      names = "--listen-metrics-urls",
      split = ",",
      description =
          "URLs for the pages of operators alone: http on loopback, or https for clients with a"
              + " certificate.")
  private @Nullable List<String> metricsUrls;

  @Option(
      names = "--quota-backend-bytes",
      defaultValue = "0",
      description = "Space for keys and their history; 0 or too much means half of the heap.")
  private long quotaBytes;

  @Option(
      names = "--disk-reserve-bytes",
      defaultValue = "16777216",
      description =
          "Disk kept free, to be given up when the rest is full. Default: ${DEFAULT-VALUE}.")
  private long diskReserveBytes;

  @Option(
      names = "--auto-compaction-mode",
      defaultValue = "periodic",
      description = "\"periodic\" or \"revision\". Default: ${DEFAULT-VALUE}.")
  private String autoCompactionMode = "periodic";

  @Option(
      names = "--auto-compaction-retention",
      defaultValue = "0",
      description = "History kept: a duration (or hours) or a number of revisions; 0 turns it off.")
  private String autoCompactionRetention = "0";

  @Option(
      names = "--snapshot-count",
      defaultValue = "20000",
      description = "Log entries after which a snapshot is taken. Default: ${DEFAULT-VALUE}.")
  private long snapshotCount;

  @Option(
      names = "--election-timeout",
      defaultValue = "500",
      description =
          "Milliseconds without a leader before a member stands. Default: ${DEFAULT-VALUE}.")
  private long electionTimeoutMillis;

  @Option(
      names = "--experimental-watch-progress-notify-interval",
      defaultValue = "10m",
      converter = Spans.class,
      description = "How often quiet watches are told how far they are. Default: 10 minutes.")
  private Duration progressInterval = Duration.ofMinutes(10);

  @Option(
      names = "--backup-interval",
      defaultValue = "PT1H",
      converter = Spans.class,
      description =
          "How often a snapshot is put into <data-dir>/snapshots if something was written;"
              + " PT0S turns it off. Default: ${DEFAULT-VALUE}.")
  private Duration backupInterval = Duration.ofHours(1);

  @Option(
      names = "--backup-retention",
      defaultValue = "6",
      description = "How many of these snapshots are kept. Default: ${DEFAULT-VALUE}.")
  private int backupRetention;

  @Override
  public Integer call() {
    return Program.run(
        "store",
        program -> {
          MemberLives member =
              new MemberLives(
                  options(), new SystemTime(), new SystemRandomness(), StoreCommand::halt);
          program.closing("member", member::stop);
          member.start();
          program.ready();
        });
  }

  // Not System.exit: its hooks would wait for the very thing that does not work any more.
  private static void halt(String reason) {
    LOG.error("stopping at once: {}", reason);
    Runtime.getRuntime().halt(FAILURE);
  }

  private StoreOptions options() {
    Path directory = dataDirectory;
    if (directory == null) {
      throw new IllegalArgumentException("--data-dir must be given");
    }
    List<String> clients = listenClientUrls;
    List<String> advertised = advertiseClientUrls;
    List<String> metrics = metricsUrls;
    String founders =
        initialCluster != null
            ? initialCluster
            : name + "=" + (advertisePeerUrl == null ? listenPeerUrl : advertisePeerUrl);
    if (!"new".equals(initialClusterState) && !"existing".equals(initialClusterState)) {
      throw new IllegalArgumentException(
          "--initial-cluster-state: \"" + initialClusterState + "\" must be new or existing");
    }
    return new StoreOptions(
        name,
        directory,
        clients.stream().map(url -> MemberUrl.parse(url, "--listen-client-urls")).toList(),
        advertised == null ? clients : advertised,
        MemberUrl.parse(listenPeerUrl, "--listen-peer-urls"),
        Founder.parse(founders),
        "existing".equals(initialClusterState),
        token,
        StoreOptions.tls(
            "",
            Optional.ofNullable(certFile),
            Optional.ofNullable(keyFile),
            Optional.ofNullable(trustedCaFile)),
        StoreOptions.tls(
            "peer-",
            Optional.ofNullable(peerCertFile),
            Optional.ofNullable(peerKeyFile),
            Optional.ofNullable(peerTrustedCaFile)),
        metrics == null
            ? List.of()
            : metrics.stream().map(url -> MemberUrl.parse(url, "--listen-metrics-urls")).toList(),
        clientLimits.limits(),
        quota(),
        diskReserveBytes,
        AutoCompaction.Policy.parse(autoCompactionMode, autoCompactionRetention),
        snapshotCount,
        Duration.ofMillis(electionTimeoutMillis),
        progressInterval,
        new ScheduledBackup.Policy(backupInterval, backupRetention));
  }

  private long quota() {
    long most = Runtime.getRuntime().maxMemory() / QUOTA_SHARE_OF_HEAP;
    if (quotaBytes > most) {
      LOG.warn(
          "--quota-backend-bytes: {} is more than this heap can hold, using {}", quotaBytes, most);
    }
    return quotaBytes <= 0 ? most : Math.min(quotaBytes, most);
  }
}
