package dev.coxswain.scheduler;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.access.DelegatedAccess;
import dev.coxswain.runtime.client.EventRecorder;
import dev.coxswain.runtime.client.HttpApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.client.LeaderElectionOptions;
import dev.coxswain.runtime.client.LeaderElector;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.program.HealthChecks;
import dev.coxswain.runtime.program.HealthServer;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.program.ProfilingOption;
import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.scheduler.binding.Announcer;
import dev.coxswain.scheduler.binding.ClaimWriter;
import dev.coxswain.scheduler.binding.DefaultBinder;
import dev.coxswain.scheduler.binding.PodReports;
import dev.coxswain.scheduler.config.ProfileConfiguration;
import dev.coxswain.scheduler.config.SchedulerConfiguration;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.snapshot.Gangs;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cox scheduler}: finds nodes for pods, until told to stop. */
@Command(
    name = "scheduler",
    mixinStandardHelpOptions = true,
    description = "Finds a node for each pod that has none.")
public final class SchedulerCommand implements Callable<Integer> {
  private static final int SUFFIX_LENGTH = 5;

  @Mixin ProfilingOption profiling = new ProfilingOption();
  @Mixin LeaderElectionOptions election = new LeaderElectionOptions();

  @Option(
      names = "--kubeconfig",
      required = true,
      description = "How to reach the API server, and as whom.")
  private Path kubeconfig = Path.of("kubeconfig");

  @Option(
      names = "--bind-address",
      defaultValue = "0.0.0.0",
      description = "Where health and metrics are served. Default: ${DEFAULT-VALUE}.")
  private String bindAddress = "0.0.0.0";

  @Option(
      names = "--secure-port",
      defaultValue = "10259",
      description = "The port of health and metrics, over TLS. Default: ${DEFAULT-VALUE}.")
  private int securePort = 10_259;

  @Option(
      names = "--client-ca-file",
      description = "Authorities whose client certificates may ask for metrics, PEM.")
  private @Nullable Path clientAuthorities;

  @Option(
      names = "--config",
      description = "A KubeSchedulerConfiguration file: profiles, plugins, back-off.")
  private @Nullable Path configFile;

  @Override
  public Integer call() {
    return Program.run("scheduler", this::start);
  }

  private void start(Program program) throws Exception {
    Time time = new SystemTime();
    Randomness randomness = new SystemRandomness();
    SchedulerConfiguration configuration =
        configFile == null
            ? SchedulerConfiguration.DEFAULT
            : SchedulerConfiguration.read(configFile);
    Kubeconfig config = Kubeconfig.read(kubeconfig);
    HttpApiClient client =
        program.closing("API client", new HttpApiClient(config, "cox-scheduler", time, randomness));
    Map<String, EventRecorder> recorders = new HashMap<>();
    for (ProfileConfiguration profile : configuration.profiles()) {
      String name = profile.schedulerName();
      recorders.put(
          name, program.closing("event recorder", new EventRecorder(client, name, "", time)));
    }
    Announcer announcer = announcer(Map.copyOf(recorders));
    ResourceClient<Pod> pods = client.resource(Pod.class);
    WaitingPods waiting = new WaitingPods();
    StorageCaches storage = StorageCaches.of(client, time, randomness);
    Informer<Pod> known = ListWatchInformer.of(client, Pod.class, time, randomness);
    Handle handle =
        new Handle(randomness, waiting, new ClaimWriter(client, storage.claims(), waiting, known));
    Scheduler.Caches caches =
        new Scheduler.Caches(
            known,
            ListWatchInformer.of(client, Node.class, time, randomness),
            ListWatchInformer.of(client, Namespace.class, time, randomness),
            ListWatchInformer.of(client, PodDisruptionBudget.class, time, randomness),
            groups(configuration, client, time, randomness),
            storage);
    SchedulerCore core =
        new SchedulerCore(
            configuration.profiles().stream()
                .map(profile -> profile.profile(handle, new DefaultBinder(pods, time)))
                .toList(),
            configuration.backoff(),
            randomness);
    Metrics metrics = new Metrics();
    Scheduler scheduler =
        new Scheduler(
            core,
            caches,
            new PodReports(pods, known::find, announcer, time),
            announcer,
            waiting,
            new SchedulerMetrics(metrics.registry()),
            time);
    HealthChecks checks =
        new HealthChecks()
            .live("scheduling", scheduler::problem)
            .ready(
                "informers",
                () ->
                    scheduler.synced()
                        ? Optional.empty()
                        : Optional.of("the first lists have not been read"));
    program.closing(
        "health",
        new HealthServer(
            new InetSocketAddress(bindAddress, securePort),
            serving(config),
            new DelegatedAccess(client, time),
            checks,
            metrics));
    LeaderElector elector =
        elector(
            client,
            scheduler,
            election.lease(configuration.lease()),
            election.timing(configuration.leaderTiming()),
            time,
            randomness);
    // Closed in reverse: the scheduler decides nothing more when the lease is given up.
    program.closing("leader election", elector);
    program.closing("scheduler", scheduler);
    scheduler.start();
    if (election.elect(configuration.leaderElect())) {
      elector.start();
    } else {
      scheduler.lead(true);
    }
    program.ready();
  }

  /** Jobs that say how many of their pods must run at once, where some profile listens. */
  private static Optional<Informer<Job>> groups(
      SchedulerConfiguration configuration, HttpApiClient client, Time time, Randomness random) {
    return configuration.profiles().stream().anyMatch(profile -> profile.has("Coscheduling"))
        ? Optional.of(
            ListWatchInformer.of(
                client, Job.class, "", ListOptions.labels(Gangs.MIN_AVAILABLE), time, random))
        : Optional.empty();
  }

  private static LeaderElector elector(
      HttpApiClient client,
      Scheduler scheduler,
      ObjectKey lease,
      LeaderElector.Timing timing,
      Time time,
      Randomness randomness) {
    LeaderElector.Listener listener =
        new LeaderElector.Listener() {
          @Override
          public void leading() {
            scheduler.lead(true);
          }

          @Override
          public void lost() {
            // What it knows is kept up to date, so it can lead again at once.
            scheduler.lead(false);
          }
        };
    return new LeaderElector(
        client,
        lease,
        hostname() + "_" + randomness.nameSuffix(SUFFIX_LENGTH),
        timing,
        listener,
        time,
        randomness);
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "scheduler";
    }
  }

  /** Each profile tells in its own name. */
  static Announcer announcer(Map<String, EventRecorder> recorders) {
    return (scheduler, about, warning, reason, message) ->
        Optional.ofNullable(recorders.get(scheduler))
            .orElseThrow()
            .event(
                new ObjectReferenceBuilder()
                    .withApiVersion("v1")
                    .withKind("Pod")
                    .withNamespace(about.key().namespace())
                    .withName(about.key().name())
                    .withUid(about.uid())
                    .build(),
                warning,
                reason,
                message);
  }

  /** The client's own certificate serves health too; nothing else may be served without TLS. */
  private @Nullable SSLContext serving(Kubeconfig config) {
    PemSource certificate = config.certificate();
    PemSource key = config.key();
    return certificate == null || key == null
        ? null
        : Tls.context(
            new TlsIdentity(certificate, key),
            clientAuthorities == null ? null : Tls.trust(clientAuthorities));
  }
}
