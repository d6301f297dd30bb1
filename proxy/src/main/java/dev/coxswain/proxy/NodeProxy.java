package dev.coxswain.proxy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.proxy.dns.ClusterZone;
import dev.coxswain.proxy.dns.DnsAddress;
import dev.coxswain.proxy.dns.DnsServer;
import dev.coxswain.proxy.dns.Forwarder;
import dev.coxswain.proxy.dns.InformerDirectory;
import dev.coxswain.proxy.health.HealthPorts;
import dev.coxswain.proxy.iptables.DnsDetour;
import dev.coxswain.proxy.iptables.RuleBook;
import dev.coxswain.proxy.iptables.RuleSync;
import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.Kernel;
import dev.coxswain.proxy.policy.PolicyFeed;
import dev.coxswain.proxy.route.RouteSync;
import dev.coxswain.proxy.service.Ipv4;
import dev.coxswain.proxy.service.ServiceTracker;
import dev.coxswain.proxy.sync.BurstRunner;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node needs so that services, pods elsewhere and names are reached from it. */
final class NodeProxy implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeProxy.class);

  /** One wait for the first lists; the log says what is missing after each. */
  private static final Duration SYNC_PATIENCE = Duration.ofSeconds(30);

  /**
   * How often all rules are written though nobody is seen to have flushed them: as upstream does,
   * for who took a single jump or rule away.
   */
  private static final Duration WHOLE_SYNC_PERIOD = Duration.ofHours(1);

  /** The caches that everything is derived from. */
  record Caches(
      Informer<Service> services,
      Informer<EndpointSlice> slices,
      Informer<Node> nodes,
      PolicyFeed.Caches policies) {}

  private final ProxySettings settings;
  private final Caches caches;
  private final Kernel kernel;
  private final Time time;
  private final InformerDirectory directory;
  private final RuleSync rules;
  private final PolicyFeed policies;
  private final ServiceTracker tracker;
  private final HealthPorts healthPorts;
  private final BurstRunner dnsRuns;
  private final BurstRunner ruleRuns;
  private final BurstRunner routeRuns;
  private final BurstRunner checks;
  private final DnsAddress dnsAddress;
  private final Forwarder forwarder;
  private volatile boolean complete;
  private volatile boolean checkDue;
  private volatile boolean policiesDue;
  private volatile boolean detourDue;
  private volatile boolean written;
  private boolean detourPossible;
  private long wholeSyncNanos;
  private volatile boolean closed;
  private volatile @Nullable DnsServer dns;

  NodeProxy(ProxySettings settings, Caches caches, Kernel kernel, Time time) {
    this.settings = settings;
    this.caches = caches;
    this.kernel = kernel;
    this.time = time;
    this.directory = new InformerDirectory(caches.services(), caches.slices());
    this.dnsAddress = new DnsAddress(kernel, settings.clusterDns());
    this.forwarder = new Forwarder(settings.nameServers().get(), time);
    this.tracker =
        new ServiceTracker(settings.nodeName(), Set.of(settings.clusterDns()), this::requestRules);
    this.healthPorts = new HealthPorts(tracker::localEndpoints, () -> troubles().isEmpty());
    this.rules =
        new RuleSync(
            tracker,
            new RuleBook(settings.clusterCidr(), settings.clusterDns(), settings.masqueraded()),
            kernel);
    this.dnsRuns =
        new BurstRunner("answering cluster DNS", time, settings.minSyncPeriod(), this::answerNames);
    this.ruleRuns =
        new BurstRunner("writing service rules", time, settings.minSyncPeriod(), this::runRules);
    RouteSync routes = new RouteSync(settings.nodeName(), kernel);
    this.routeRuns =
        new BurstRunner(
            "writing pod routes",
            time,
            settings.minSyncPeriod(),
            () -> routes.apply(caches.nodes().all()));
    this.checks = new BurstRunner("checking the node", time, settings.syncPeriod(), this::check);
    this.policies =
        new PolicyFeed(
            settings.nodeName(), this::podRange, caches.policies(), this::requestPolicies);
    caches.services().handle(tracker.serviceHandler());
    caches.slices().handle(tracker.sliceHandler());
    caches.nodes().handle(tracker.nodeHandler());
    caches.nodes().handle(new NodeHandler(this::nodesChanged));
  }

  /**
   * Prepares the kernel and follows the API. Rules and routes that are there already stay as they
   * are until the first lists have been read; until then, other nodes go on to answer names, where
   * they did so.
   *
   * @throws IOException when the node cannot be prepared
   */
  void start() throws IOException, InterruptedException {
    // First: it loads connection tracking, which has parameters of its own.
    detourPossible = DnsDetour.possible(kernel);
    for (Command sysctl : settings.sysctls()) {
      CommandResult result = kernel.run(sysctl);
      if (!result.succeeded()) {
        log.warn("`{}` failed: {}", sysctl, result.errors().strip());
      }
    }
    if (!detourPossible) {
      log.warn(
          "this kernel has no socket match for iptables (xt_socket): while this proxy is dead, its"
              + " pods have no names");
    }
    caches.services().start();
    caches.slices().start();
    caches.nodes().start();
    policies.start();
    Thread.ofVirtual().name("first-lists").start(this::awaitLists);
  }

  private void awaitLists() {
    try {
      await("services", caches.services());
      await("endpoint slices", caches.slices());
      await("nodes", caches.nodes());
      policies.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    listed();
  }

  private void await(String what, Informer<?> cache) throws InterruptedException {
    while (!closed && !cache.awaitSync(SYNC_PATIENCE)) {
      log.warn("still waiting for the list of {}", what);
    }
  }

  /** The first lists are complete: from here on, what is not in a cache does not exist. */
  void listed() {
    complete = true;
    dnsRuns.request();
    nodesChanged();
    checks.request();
  }

  private void answerNames() throws IOException, InterruptedException {
    dnsAddress.ensure();
    dns =
        DnsServer.start(
            settings.dnsListener(),
            new ClusterZone(settings.clusterDomain(), settings.clusterDns(), directory),
            forwarder,
            time);
  }

  private void nodesChanged() {
    detourDue = true;
    requestPolicies();
    requestRoutes();
  }

  private void requestRules() {
    if (complete) {
      ruleRuns.request();
    }
  }

  private void requestPolicies() {
    policiesDue = true;
    requestRules();
  }

  /** The range of this node's pods; empty while it has none. */
  private String podRange() {
    return caches
        .nodes()
        .find(ObjectKey.cluster(settings.nodeName()))
        .map(Node::getSpec)
        .map(NodeSpec::getPodCIDR)
        .filter(Ipv4::isRange)
        .orElse("");
  }

  private void requestRoutes() {
    if (complete) {
      routeRuns.request();
    }
  }

  private void runRules() throws IOException, InterruptedException {
    if (checkDue) {
      checkDue = false;
      if (written && !rules.intact()) {
        log.warn("somebody flushed the service rules; writing them all again");
      }
      if (time.nanos() - wholeSyncNanos >= WHOLE_SYNC_PERIOD.toNanos()) {
        wholeSyncNanos = time.nanos();
        rules.distrust();
      }
    }
    if (policiesDue) {
      policiesDue = false;
      policies.chains().ifPresent(rules::policies);
    }
    if (detourDue && detourPossible) {
      detourDue = false;
      rules.detour(
          new DnsDetour(
              settings.clusterDns(),
              settings.clusterCidr(),
              podRange(),
              DetourNodes.ranges(settings.nodeName(), caches.nodes().all())));
    }
    rules.run();
    if (!written) {
      wholeSyncNanos = time.nanos();
      log.info("service rules are in place");
    }
    written = true;
    healthPorts.apply(tracker.healthPorts());
  }

  /** Others may flush rules, routes and addresses; the kernel offers no single event for it all. */
  private void check() throws IOException, InterruptedException {
    // A machine gets to know other name servers as it is moved to another network.
    forwarder.use(settings.nameServers().get());
    dnsAddress.ensure();
    checkDue = true;
    requestRules();
    requestRoutes();
    checks.request();
  }

  /** Why this node's traffic may go astray; empty when all is well. */
  List<String> troubles() {
    if (!written) {
      return List.of("service rules have not been written yet");
    }
    if (dns == null) {
      return List.of("cluster DNS is not answered yet");
    }
    if (ruleRuns.failures() > 0) {
      return List.of("the last " + ruleRuns.failures() + " writes of service rules failed");
    }
    if (routeRuns.failures() > 0) {
      return List.of("the last " + routeRuns.failures() + " writes of pod routes failed");
    }
    return List.of();
  }

  /** Stops following. Rules, routes and the address stay: connections go on without us. */
  @Override
  public void close() throws IOException {
    closed = true;
    caches.services().close();
    caches.slices().close();
    caches.nodes().close();
    policies.close();
    checks.close();
    dnsRuns.close();
    ruleRuns.close();
    routeRuns.close();
    healthPorts.close();
    @Nullable DnsServer server = dns;
    if (server != null) {
      server.close();
    }
  }
}
