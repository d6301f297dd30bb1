package dev.coxswain.controllers;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.Controllers.Selection;
import dev.coxswain.controllers.Controllers.Settings;
import dev.coxswain.controllers.certificates.ClusterAuthority;
import dev.coxswain.controllers.manager.ManagerMetrics;
import dev.coxswain.controllers.serviceaccount.TokenSigner;
import dev.coxswain.runtime.access.DelegatedAccess;
import dev.coxswain.runtime.client.HttpApiClient;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.client.LeaderElectionOptions;
import dev.coxswain.runtime.client.LeaderElector;
import dev.coxswain.runtime.program.Durations;
import dev.coxswain.runtime.program.HealthChecks;
import dev.coxswain.runtime.program.HealthServer;
import dev.coxswain.runtime.program.Logging;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.program.ProfilingOption;
import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.tls.Pem;
import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cox controllers}: the controllers, as long as this process leads. */
@Command(
    name = "controllers",
    mixinStandardHelpOptions = true,
    description = "Brings the cluster to what its objects want: the controller manager.")
public final class ControllersCommand implements Callable<Integer> {
  private static final String NAME = "kube-controller-manager";
  private static final ObjectKey LEASE = new ObjectKey("kube-system", NAME);

  @Mixin ProfilingOption profiling = new ProfilingOption();
  @Mixin LeaderElectionOptions election = new LeaderElectionOptions();

  @Option(names = "--kubeconfig", required = true, description = "How to reach the API server.")
  private Path kubeconfig = Path.of("kubeconfig");

  @Option(
      names = "--bind-address",
      defaultValue = "0.0.0.0",
      description = "Address for health and metrics. Default: ${DEFAULT-VALUE}.")
  private InetAddress bindAddress = InetAddress.getLoopbackAddress();

  @Option(
      names = "--secure-port",
      defaultValue = "10257",
      description = "Port for health and metrics, by TLS; 0 for any. Default: ${DEFAULT-VALUE}.")
  private int securePort;

  @Option(
      names = "--client-ca-file",
      description = "Authorities whose client certificates may ask for metrics, PEM.")
  private @Nullable Path clientAuthorities;

  @Option(
      names = "--cluster-cidr",
      description = "All pod addresses; nodes that bring none are given a /24 of it.")
  private @Nullable String clusterCidr;

  @Option(
      names = "--service-cluster-ip-range",
      description = "Service addresses, which must not be pod addresses.")
  private @Nullable String serviceRange;

  @Option(
      names = "--root-ca-file",
      description = "The authority that is published to every namespace, PEM.")
  private @Nullable Path rootCaFile;

  @Option(
      names = "--cluster-signing-cert-file",
      description = "The authority that signs certificate requests, PEM; without, none are signed.")
  private @Nullable Path signingCertificate;

  @Option(names = "--cluster-signing-key-file", description = "Its private key, PEM.")
  private @Nullable Path signingKey;

  @Option(
      names = "--service-account-private-key-file",
      description = "The key that signs the tokens in Secrets, PEM; without, none are filled.")
  private @Nullable Path tokenKey;

  @Option(
      names = "--cluster-signing-duration",
      defaultValue = "8760h",
      description = "How long a signed certificate is valid at most. Default: ${DEFAULT-VALUE}.")
  private String signingDuration = "8760h";

  @Option(
      names = "--node-monitor-grace-period",
      defaultValue = "40s",
      description = "How long a node may be silent. Default: ${DEFAULT-VALUE}.")
  private String nodeGracePeriod = "40s";

  @Option(
      names = "--node-monitor-period",
      defaultValue = "5s",
      description = "Taken for compatibility: nodes are watched, not asked.")
  private String nodeMonitorPeriod = "5s";

  @Option(
      names = "--controllers",
      split = ",",
      defaultValue = "*",
      description = "Which to run: *, name, -name. Default: ${DEFAULT-VALUE}.")
  private List<String> controllers = List.of("*");

  @Option(
      names = {"-v", "--v"},
      defaultValue = "0",
      description = "How much to log. Default: ${DEFAULT-VALUE}.")
  private int verbosity;

  @Override
  public Integer call() {
    Logging.verbosity(verbosity);
    return Program.run("controllers", this::start);
  }

  private void start(Program program) throws Exception {
    var time = new SystemTime();
    var random = new SystemRandomness();
    var config = Kubeconfig.read(kubeconfig);
    var settings =
        new Settings(
            Durations.parse("--node-monitor-grace-period", nodeGracePeriod),
            Optional.ofNullable(clusterCidr).filter(cidr -> !cidr.isEmpty()),
            rootCertificates(),
            signing(),
            tokens());
    Durations.parse("--node-monitor-period", nodeMonitorPeriod);
    if (serviceRange != null && serviceRange.equals(clusterCidr)) {
      throw new IllegalArgumentException(
          "--service-cluster-ip-range and --cluster-cidr must not be the same network");
    }

    var api = program.closing("API client", new HttpApiClient(config, NAME, time, random));
    var all = new Controllers(api, settings, time, random);
    Selection selection = Selection.of(controllers, all.names());
    String host = host();
    var events = program.closing("events", new Events(api, host, time));
    var metrics = new Metrics();
    var term =
        new Term(api, all, selection, events, new ManagerMetrics(metrics.registry()), time, random);
    var checks = new HealthChecks().live("controllers", term::problem);
    program.closing(
        "health server",
        new HealthServer(
            new InetSocketAddress(bindAddress, securePort),
            serving(config),
            new DelegatedAccess(api, time),
            checks,
            metrics));
    var elector =
        new LeaderElector(
            api,
            election.lease(LEASE),
            host + "_" + random.uuid(),
            election.timing(LeaderElector.Timing.DEFAULT),
            term,
            time,
            random);
    // Closed in reverse: the work ends before the lease is given up.
    program.closing("leader election", elector);
    program.closing("controllers", term);
    if (election.elect()) {
      elector.start();
    } else {
      term.leading();
    }
    program.ready();
  }

  /** Its client certificate serves for health and metrics too: whoever asks wants no proof. */
  private @Nullable SSLContext serving(Kubeconfig config) {
    PemSource certificate = config.certificate();
    PemSource key = config.key();
    return certificate == null || key == null
        ? null
        : Tls.context(
            new TlsIdentity(certificate, key),
            clientAuthorities == null ? null : Tls.trust(clientAuthorities));
  }

  private Optional<String> rootCertificates() throws IOException {
    if (rootCaFile == null) {
      return Optional.empty();
    }
    byte[] pem = Files.readAllBytes(rootCaFile);
    if (Pem.certificates(pem).isEmpty()) {
      throw new IllegalArgumentException("--root-ca-file: no certificate in " + rootCaFile);
    }
    return Optional.of(new String(pem, StandardCharsets.US_ASCII));
  }

  private Optional<ClusterAuthority> signing() throws IOException {
    if ((signingCertificate == null) != (signingKey == null)) {
      throw new IllegalArgumentException(
          "--cluster-signing-cert-file, --cluster-signing-key-file: either both or none");
    }
    Duration longest = Durations.parse("--cluster-signing-duration", signingDuration);
    return signingCertificate == null || signingKey == null
        ? Optional.empty()
        : Optional.of(ClusterAuthority.read(signingCertificate, signingKey, longest));
  }

  private Optional<TokenSigner> tokens() throws IOException {
    return tokenKey == null ? Optional.empty() : Optional.of(TokenSigner.read(tokenKey));
  }

  private static String host() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }
}
