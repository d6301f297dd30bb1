package dev.coxswain.kubelet;

import dev.coxswain.api.json.Json;
import dev.coxswain.kubelet.admission.Sysctls;
import dev.coxswain.kubelet.dns.ResolverConfig;
import dev.coxswain.kubelet.event.RecordedNodeEvents;
import dev.coxswain.kubelet.event.RecordedPodEvents;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.node.NodeSettings;
import dev.coxswain.runtime.client.EventRecorder;
import dev.coxswain.runtime.client.HttpApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.program.ConfigFile;
import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.Tls;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cox kubelet}: runs a node's pods, until it is told to stop. The pods run on. */
@Command(
    name = "kubelet",
    mixinStandardHelpOptions = true,
    description = "Runs a node's pods on a container runtime that speaks CRI v1.")
public final class KubeletCommand implements Callable<Integer> {
  private static final int DEFAULT_MAX_PODS = 110;

  /** Enough for any sane pod, and a fork bomb leaves the node's other pods alone. */
  private static final long DEFAULT_POD_PIDS = 4096;

  private static final Path POD_LOGS = Path.of("/var/log/pods");
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

  @Option(names = "--hostname-override", description = "The node's name. Default: the hostname.")
  private @Nullable String hostname;

  @Option(names = "--node-ip", required = true, description = "The node's internal address.")
  private String nodeIp = "";

  @Option(
      names = "--container-runtime-endpoint",
      defaultValue = "unix:///run/containerd/containerd.sock",
      description = "The runtime's socket. Default: ${DEFAULT-VALUE}.")
  private String runtimeEndpoint = "";

  @Option(
      names = "--root-dir",
      defaultValue = "/var/lib/kubelet",
      description = "Where volumes and other files of pods lie. Default: ${DEFAULT-VALUE}.")
  private Path rootDirectory = Path.of("/var/lib/kubelet");

  @Option(names = "--cluster-dns", split = ",", description = "Addresses of the cluster's DNS.")
  private @Nullable List<String> clusterDns;

  @Option(names = "--cluster-domain", description = "The cluster's domain. Default: cluster.local.")
  private @Nullable String clusterDomain;

  @Option(
      names = "--pod-cidr",
      defaultValue = "",
      description = "The addresses of this node's pods, told to the API server.")
  private String podCidr = "";

  @Option(
      names = "--client-ca-file",
      required = true,
      description = "Authorities whose client certificates may use the API, PEM.")
  private Path clientAuthorities = Path.of("");

  @Option(
      names = "--address",
      defaultValue = "0.0.0.0",
      description = "Where the API listens. Default: ${DEFAULT-VALUE}.")
  private String address = "";

  @Option(
      names = "--port",
      defaultValue = "10250",
      description = "The API's port. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--healthz-port",
      defaultValue = "10248",
      description = "Port of /healthz on loopback, without TLS. Default: ${DEFAULT-VALUE}.")
  private int healthPort;

  @Option(
      names = "--cgroup-root",
      defaultValue = "/",
      description = "The control group below which those of pods stand. Default: ${DEFAULT-VALUE}.")
  private String cgroupRoot = "/";

  @Option(names = "--config", description = "A KubeletConfiguration file; flags win over it.")
  private @Nullable Path config;

  @Option(
      names = "--node-labels",
      split = ",",
      description = "Labels of the node beside the well-known ones: key=value,...")
  private Map<String, String> nodeLabels = new LinkedHashMap<>();

  @Option(names = "--max-pods", description = "The most pods. Default: 110.")
  private @Nullable Integer maxPods;

  @Option(
      names = "--pod-max-pids",
      description = "The most processes of a pod; -1 for no limit. Default: 4096.")
  private @Nullable Long podPidsLimit;

  @Option(
      names = "--allowed-unsafe-sysctls",
      split = ",",
      description =
          "Kernel parameters that pods may set beside the safe ones, or how their names begin:"
              + " kernel.msg*,net.core.somaxconn")
  private @Nullable List<String> unsafeSysctls;

  @Option(
      names = "--pod-manifest-path",
      description = "A folder of manifests of static pods. Default: none.")
  private @Nullable Path manifests;

  @Option(
      names = "--system-reserved",
      split = ",",
      description = "Kept from pods for the system: cpu=100m,memory=200Mi,...")
  private Map<String, String> systemReserved = new LinkedHashMap<>();

  @Option(
      names = "--kube-reserved",
      split = ",",
      description = "Kept from pods for Kubernetes' own processes: cpu=100m,...")
  private Map<String, String> kubeReserved = new LinkedHashMap<>();

  @Mixin private LogOptions logs = new LogOptions();
  @Mixin private CredentialOptions credentials = new CredentialOptions();
  @Mixin private EvictionOptions shortages = new EvictionOptions();
  @Mixin private CertificateOptions certificates = new CertificateOptions();
  @Mixin private PullOptions pulls = new PullOptions();
  @Mixin private ShutdownOptions shutdown = new ShutdownOptions();
  @Mixin SettledOptions settled = new SettledOptions();

  @Override
  public Integer call() {
    return Program.run("kubelet", this::start);
  }

  private void start(Program program) throws IOException, InterruptedException {
    Time time = new SystemTime();
    Randomness random = new SystemRandomness();
    KubeletConfiguration file =
        config == null
            ? KubeletConfiguration.NONE
            : ConfigFile.read(config, KubeletConfiguration.class);
    KubeletSettings settings = settings(file);
    var site =
        new CertificateOptions.Site(
            settings.node(), settings.paths().root(), file.certificates(), time, random);
    HttpApiClient api = certificates.connect(program, site);
    String node = settings.node().name();
    EventRecorder recorder =
        program.closing("events", new EventRecorder(api, "kubelet", node, time));
    Informer<Pod> pods =
        ListWatchInformer.of(
            api, Pod.class, "", ListOptions.fields("spec.nodeName=" + node), time, random);
    Informer<Service> services = ListWatchInformer.of(api, Service.class, time, random);
    Kubelet kubelet =
        program.closing(
            "kubelet",
            new Kubelet(
                settings,
                certificates.serving(program, site, api),
                api,
                pods,
                services,
                new RecordedPodEvents(recorder),
                new RecordedNodeEvents(recorder, node),
                time,
                random));
    kubelet.start(program.awaiting(kubelet::awaitRuntime));
    program.ready();
  }

  private KubeletSettings settings(KubeletConfiguration file) throws IOException {
    String name = hostname == null ? InetAddress.getLocalHost().getHostName() : hostname;
    Map<String, Quantity> reserved = new LinkedHashMap<>();
    reserve(reserved, "--system-reserved", systemReserved, file.systemReserved());
    reserve(reserved, "--kube-reserved", kubeReserved, file.kubeReserved());
    NodeSettings node =
        new NodeSettings(
            name.toLowerCase(Locale.ROOT),
            nodeIp,
            podCidr,
            port,
            first(maxPods, file.maxPods(), DEFAULT_MAX_PODS),
            nodeLabels,
            reserved,
            shortages.eviction(file.eviction()));
    return new KubeletSettings(
        node,
        new NodePaths(rootDirectory.toAbsolutePath(), POD_LOGS),
        runtimeEndpoint,
        cgroupRoot,
        Math.max(0, first(podPidsLimit, file.podPidsLimit(), DEFAULT_POD_PIDS)),
        Sysctls.safeAnd(first(unsafeSysctls, file.allowedUnsafeSysctls(), List.of())),
        manifests(file),
        CrashLoopBackOff.of(file.crashLoopBackOff()).longest(),
        pulls.parallel(file.pulls()),
        logs.limits(file.logs()),
        logs.showsSystem(file.logs()) ? POD_LOGS.getParent() : null,
        shortages.images(file.eviction()),
        credentials.providers(),
        shutdown.settings(file.shutdown()),
        shutdown.fence(file.shutdown()),
        new ResolverConfig.Cluster(
            first(clusterDns, file.clusterDNS(), List.of()),
            first(clusterDomain, file.clusterDomain(), "cluster.local"),
            file.resolvConf() == null ? RESOLV_CONF : Path.of(file.resolvConf())),
        new InetSocketAddress(address, port),
        Tls.trust(clientAuthorities),
        configuration(file),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), healthPort));
  }

  /** What holds, flags and defaults taken in, in upstream's frame. */
  private String configuration(KubeletConfiguration file) {
    KubeletConfiguration inForce =
        new KubeletConfiguration(
            "kubelet.config.k8s.io/v1beta1",
            "KubeletConfiguration",
            first(clusterDns, file.clusterDNS(), List.of()),
            first(clusterDomain, file.clusterDomain(), "cluster.local"),
            first(null, file.resolvConf(), RESOLV_CONF.toString()),
            first(maxPods, file.maxPods(), DEFAULT_MAX_PODS),
            first(podPidsLimit, file.podPidsLimit(), DEFAULT_POD_PIDS),
            first(unsafeSysctls, file.allowedUnsafeSysctls(), List.of()),
            systemReserved.isEmpty() ? file.systemReserved() : systemReserved,
            kubeReserved.isEmpty() ? file.kubeReserved() : kubeReserved,
            manifests == null ? file.staticPodPath() : manifests.toString(),
            CrashLoopBackOff.of(file.crashLoopBackOff()).inForce(),
            pulls.inForce(file.pulls()),
            logs.inForce(file.logs()),
            shortages.inForce(file.eviction()),
            shutdown.inForce(file.shutdown()),
            certificates.inForce(file.certificates()));
    return Json.mapper().writeValueAsString(Map.of("kubeletconfig", inForce));
  }

  private @Nullable Path manifests(KubeletConfiguration file) {
    if (manifests != null) {
      return manifests.toAbsolutePath();
    }
    return file.staticPodPath() == null ? null : Path.of(file.staticPodPath());
  }

  private static void reserve(
      Map<String, Quantity> reserved,
      String flag,
      Map<String, String> flags,
      @Nullable Map<String, String> file) {
    Map<String, String> wanted = flags.isEmpty() && file != null ? file : flags;
    wanted.forEach((resource, text) -> {
      Quantity amount;
      try {
        amount = Quantity.parse(text);
        Quantity.getAmountInBytes(amount);
      } catch (IllegalArgumentException | ArithmeticException malformed) {
        throw new IllegalArgumentException(
            flag + ": " + resource + "=" + text + " is not an amount", malformed);
      }
      reserved.merge(resource, amount, Quantity::add);
    });
  }

  static <T> T first(@Nullable T flag, @Nullable T file, T otherwise) {
    if (flag != null) {
      return flag;
    }
    return file == null ? otherwise : file;
  }
}
