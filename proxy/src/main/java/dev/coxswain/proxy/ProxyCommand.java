package dev.coxswain.proxy;

import dev.coxswain.proxy.dns.ResolvConf;
import dev.coxswain.proxy.kernel.ProcessKernel;
import dev.coxswain.proxy.policy.PolicyFeed;
import dev.coxswain.proxy.service.Ipv4;
import dev.coxswain.runtime.client.HttpApiClient;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.program.HealthChecks;
import dev.coxswain.runtime.program.HealthServer;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cox proxy}: services, pod routes and cluster DNS on one node, until told to stop. */
@Command(
    name = "proxy",
    mixinStandardHelpOptions = true,
    description = "Makes Services, the pods of other nodes and cluster names reachable on a node.")
public final class ProxyCommand implements Callable<Integer> {
  private static final int DNS_PORT = 53;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--kubeconfig",
      required = true,
      description = "How to reach the API server, and as whom.")
  private Path kubeconfig = Path.of("kubeconfig");

  @Option(names = "--hostname-override", required = true, description = "This node's name.")
  private String nodeName = "";

  @Option(
      names = "--node-ip",
      description =
          "This node's address. Routes and rules do not need it; accepted so that all of a node's"
              + " processes can be told the same.")
  private String nodeIp = "";

  @Option(
      names = "--cluster-cidr",
      defaultValue = "",
      description =
          "The pods' addresses; other traffic to a cluster address is masqueraded. Default: none.")
  private String clusterCidr = "";

  @Option(
      names = "--masquerade-outside-cluster",
      paramLabel = "CIDR",
      defaultValue = "",
      description =
          "This node's pods, when they are to reach what is outside of --cluster-cidr with the"
              + " node's address. Default: none.")
  private String masqueraded = "";

  @Option(
      names = "--proxy-mode",
      defaultValue = "iptables",
      description = "Only iptables. Default: ${DEFAULT-VALUE}.")
  private String mode = "iptables";

  @Option(
      names = "--cluster-dns",
      defaultValue = "10.96.0.10",
      description =
          "The address at which this node answers cluster DNS. Default: ${DEFAULT-VALUE}.")
  private String clusterDns = "";

  @Option(
      names = "--cluster-domain",
      defaultValue = "cluster.local",
      description = "The domain of the cluster's names. Default: ${DEFAULT-VALUE}.")
  private String clusterDomain = "";

  @Option(
      names = "--resolv-conf",
      defaultValue = "/etc/resolv.conf",
      description = "Names the servers to ask about other names. Default: ${DEFAULT-VALUE}.")
  private Path resolvConf = Path.of("/etc/resolv.conf");

  @Option(
      names = "--healthz-bind-address",
      defaultValue = "127.0.0.1:10256",
      description =
          "Where /healthz is served, over plain HTTP. 0.0.0.0 is taken for this node's loopback."
              + " Default: ${DEFAULT-VALUE}.")
  private String healthAddress = "";

  @Option(
      names = "--metrics-bind-address",
      defaultValue = "127.0.0.1:10249",
      description = "Where /metrics is served, over plain HTTP. Default: ${DEFAULT-VALUE}.")
  private String metricsAddress = "";

  @Override
  public Integer call() {
    if (!mode.equals("iptables")) {
      throw wrong("--proxy-mode: " + mode + " is not supported; use iptables");
    }
    if (!clusterCidr.isEmpty() && !Ipv4.isRange(clusterCidr)) {
      throw wrong("--cluster-cidr: " + clusterCidr + " is not an IPv4 range such as 10.244.0.0/16");
    }
    if (!masqueraded.isEmpty() && (!Ipv4.isRange(masqueraded) || clusterCidr.isEmpty())) {
      throw wrong(
          "--masquerade-outside-cluster: an IPv4 range such as 10.244.1.0/24 is needed, and"
              + " --cluster-cidr with it");
    }
    if (!nodeIp.isEmpty() && !Ipv4.isAddress(nodeIp)) {
      throw wrong("--node-ip: " + nodeIp + " is not an IPv4 address");
    }
    if (!Ipv4.isAddress(clusterDns)) {
      throw wrong("--cluster-dns: " + clusterDns + " is not an IPv4 address");
    }
    InetSocketAddress health = address("--healthz-bind-address", healthAddress);
    InetSocketAddress metricsAt = address("--metrics-bind-address", metricsAddress);
    return Program.run("proxy", program -> start(program, health, metricsAt));
  }

  private void start(Program program, InetSocketAddress health, InetSocketAddress metricsAt)
      throws Exception {
    // The ports at which balancers ask are open to everybody: the JDK's server bounds nothing else.
    System.setProperty("jdk.httpserver.maxConnections", "256");
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    Time time = new SystemTime();
    Randomness randomness = new SystemRandomness();
    HttpApiClient client =
        program.closing(
            "API client",
            new HttpApiClient(Kubeconfig.read(kubeconfig), "cox-proxy", time, randomness));
    ProxySettings settings =
        new ProxySettings(
            nodeName,
            clusterCidr,
            masqueraded,
            clusterDns,
            new InetSocketAddress(clusterDns, DNS_PORT),
            clusterDomain,
            () -> ResolvConf.servers(resolvConf, clusterDns),
            ProxySettings.MIN_SYNC_PERIOD,
            ProxySettings.SYNC_PERIOD);
    NodeProxy proxy =
        new NodeProxy(
            settings,
            new NodeProxy.Caches(
                informer(client, Service.class, time, randomness),
                informer(client, EndpointSlice.class, time, randomness),
                informer(client, Node.class, time, randomness),
                new PolicyFeed.Caches(
                    informer(client, NetworkPolicy.class, time, randomness),
                    informer(client, Pod.class, time, randomness),
                    informer(client, Namespace.class, time, randomness))),
            new ProcessKernel(),
            time);
    HealthChecks checks =
        new HealthChecks().live("rules", () -> proxy.troubles().stream().findFirst());
    Metrics metrics = new Metrics();
    HealthServer asked = program.closing("health", new HealthServer(health, checks, metrics));
    if (!metricsAt.equals(health)) {
      asked = program.closing("metrics", new HealthServer(metricsAt, checks, metrics));
    }
    // Tools ask here how Services are made.
    asked.show("/proxyMode", mode);
    program.closing("node proxy", proxy);
    proxy.start();
    program.ready();
  }

  private static <T extends HasMetadata> ListWatchInformer<T> informer(
      HttpApiClient client, Class<T> type, Time time, Randomness randomness) {
    return ListWatchInformer.of(client, type, time, randomness);
  }

  private InetSocketAddress address(String option, String text) {
    int colon = text.lastIndexOf(':');
    try {
      String host = text.substring(0, Math.max(colon, 0));
      int port = Integer.parseInt(text.substring(colon + 1));
      // Plain HTTP is for the node's own processes; see HealthServer.
      return new InetSocketAddress(host.equals("0.0.0.0") ? "127.0.0.1" : host, port);
    } catch (IllegalArgumentException e) {
      throw wrong(option + ": " + text + " is not an address such as 127.0.0.1:10256");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
