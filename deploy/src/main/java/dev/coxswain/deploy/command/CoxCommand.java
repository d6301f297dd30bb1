package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.BringUp;
import dev.coxswain.deploy.cluster.ClusterApi;
import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.cluster.Distribution;
import dev.coxswain.deploy.cluster.Home;
import dev.coxswain.deploy.cluster.Progress;
import dev.coxswain.deploy.cluster.StateFile;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.ClientTls;
import dev.coxswain.deploy.pki.Pki;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command line: which cluster is meant, and what its subcommands share. */
@Command(
    name = "cox",
    description =
        "Runs a Kubernetes-compatible cluster, whole on one machine or process by process.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      LogsCommand.class,
      RestartCommand.class,
      KillCommand.class,
      NodeCommand.class,
      ImageCommand.class,
      HostsCommand.class,
      TrainCommand.class
    },
    footer = {
      "",
      "The daemons, each to be started alone on a real host (COMMAND --help shows its flags):",
      "  store        the replicated key-value store, served as the etcd v3 API",
      "  apiserver    the Kubernetes API",
      "  scheduler    chooses a node for each pod",
      "  controllers  drive the cluster towards what was asked",
      "  kubelet      runs a node's pods on containerd",
      "  proxy        Services, pod routes and cluster DNS on a node"
    })
public final class CoxCommand {
  private static final String DEFAULT_HOME_PROPERTY = "coxswain.home";

  @Option(
      names = "--home",
      scope = ScopeType.INHERIT,
      paramLabel = "DIR",
      description = "Where the cluster lives (default: $$COX_HOME, or .cox in the checkout).")
  private @Nullable Path directory;

  @Option(
      names = {"-h", "--help"},
      scope = ScopeType.INHERIT,
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean unusedHelp;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit.")
  private boolean unusedVersion;

  private final Time time = new SystemTime();

  Time time() {
    return time;
  }

  Home home() {
    Path chosen = directory;
    if (chosen == null) {
      String environment = System.getenv("COX_HOME");
      chosen =
          Path.of(
              environment != null && !environment.isBlank()
                  ? environment
                  : System.getProperty(DEFAULT_HOME_PROPERTY, ".cox"));
    }
    return Home.at(chosen);
  }

  Progress progress(PrintStream out) {
    return new Progress(time, out);
  }

  /** The cluster's state, or an error that says how to get a cluster. */
  StateFile state() {
    return findState()
        .orElseThrow(() ->
            new CoxException(
                "there is no cluster at "
                    + home().root()
                    + "; make one with: "
                    + Invocation.cox("up")));
  }

  Optional<StateFile> findState() {
    return StateFile.open(home().state());
  }

  Pki pki() {
    return new Pki(home().pki(), time);
  }

  ClusterApi api(ClusterSpec spec) {
    Pki pki = pki();
    return new ClusterApi(
        ClientTls.of(
            pki.certificate(Authority.Name.CLUSTER), pki.certificate("admin"), pki.key("admin")),
        spec.apiServers());
  }

  BringUp bringUp(StateFile state, Progress progress) {
    return bringUp(state, progress, Distribution.current());
  }

  BringUp bringUp(StateFile state, Progress progress, Distribution distribution) {
    return new BringUp(home(), state, distribution, time, progress);
  }
}
