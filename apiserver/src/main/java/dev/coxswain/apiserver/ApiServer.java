package dev.coxswain.apiserver;

import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionPlugins;
import dev.coxswain.apiserver.admission.CertificateRequests;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.admission.DeviceTaints;
import dev.coxswain.apiserver.admission.HeapRoom;
import dev.coxswain.apiserver.admission.policy.MutatingPolicies;
import dev.coxswain.apiserver.admission.policy.ParameterAccess;
import dev.coxswain.apiserver.admission.policy.PolicyStatus;
import dev.coxswain.apiserver.admission.policy.ValidatingPolicies;
import dev.coxswain.apiserver.admission.policy.WebhookConditions;
import dev.coxswain.apiserver.admission.webhook.Webhooks;
import dev.coxswain.apiserver.aggregation.Aggregator;
import dev.coxswain.apiserver.aggregation.FrontProxy;
import dev.coxswain.apiserver.audit.Auditor;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.AuthenticatorChain;
import dev.coxswain.apiserver.authn.CertificateAuthenticator;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.AuthorizerChain;
import dev.coxswain.apiserver.authz.node.NodeAuthorizer;
import dev.coxswain.apiserver.authz.rbac.EscalationGuard;
import dev.coxswain.apiserver.authz.rbac.RbacAuthorizer;
import dev.coxswain.apiserver.bootstrap.Bootstrap;
import dev.coxswain.apiserver.bootstrap.ServerIdentity;
import dev.coxswain.apiserver.bootstrap.SystemObjects;
import dev.coxswain.apiserver.connect.BackendClient;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.Handover;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.custom.ConversionWebhooks;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.discovery.Discovery;
import dev.coxswain.apiserver.encryption.AtRest;
import dev.coxswain.apiserver.flow.FlowControl;
import dev.coxswain.apiserver.flow.FlowStatus;
import dev.coxswain.apiserver.health.Health;
import dev.coxswain.apiserver.health.MetricsEndpoint;
import dev.coxswain.apiserver.health.VersionEndpoint;
import dev.coxswain.apiserver.http.HttpServer;
import dev.coxswain.apiserver.http.HttpServerConfig;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.oidc.OpenIdTokens;
import dev.coxswain.apiserver.openapi.OpenApi;
import dev.coxswain.apiserver.openapi.SwaggerDocuments;
import dev.coxswain.apiserver.podsecurity.PodSecurity;
import dev.coxswain.apiserver.quota.CachedNamespaces;
import dev.coxswain.apiserver.quota.QuotaAccounting;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.request.DiscoveryEndpoint;
import dev.coxswain.apiserver.request.InFlight;
import dev.coxswain.apiserver.request.RequestPipeline;
import dev.coxswain.apiserver.request.Routes;
import dev.coxswain.apiserver.request.SlowRequests;
import dev.coxswain.apiserver.request.Turnstile;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.service.AddressBook;
import dev.coxswain.apiserver.service.AddressRange;
import dev.coxswain.apiserver.service.PortRange;
import dev.coxswain.apiserver.service.ServiceAllocator;
import dev.coxswain.apiserver.storage.Compactor;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.token.BootstrapTokenAuthenticator;
import dev.coxswain.apiserver.token.ServiceAccountTokens;
import dev.coxswain.apiserver.token.SigningKeys;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ResourceEndpoint;
import dev.coxswain.apiserver.verbs.WriteServices;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API server: puts its parts together, starts them and stops them in order. */
public final class ApiServer implements AutoCloseable {
  /** How many event loops move bytes; what they do is little for each byte. */
  private static final int EVENT_LOOPS = 2;

  /** How long requests that are being answered may take once the server stops. */
  private static final Duration DRAIN = Duration.ofSeconds(10);

  /** How long a request that comes too early waits until the system's own objects are there. */
  private static final Duration OPENING = Duration.ofSeconds(10);

  private final EventLoopGroup loops;
  private final ExecutorService threads;
  private final Store store;
  private final WatchCache cache;
  private final ResourceEndpoint resources;
  private final Auditor auditor;
  private final RequestPipeline pipeline;
  private final Bootstrap bootstrap;
  private final List<Compactor> compactors;
  private final Definitions definitions;
  private final FlowStatus flows;
  private final PolicyStatus policies;
  private final Aggregator aggregator;
  private final Optional<OpenIdTokens> openId;
  private @Nullable HttpServer http;
  private volatile boolean stopping;

  private ApiServer(
      ApiServerOptions options,
      EventLoopGroup loops,
      Store store,
      List<Health.Check> keyServers,
      Time time,
      Randomness randomness) {
    this.loops = loops;
    this.store = store;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory());
    this.cache = new WatchCache(store, time, threads);
    BuiltinSchemas schemas = BuiltinSchemas.load();
    ResourceRegistry registry = new ResourceRegistry(BuiltinKinds.all(schemas));
    AddressRange addresses = AddressRange.parse(options.serviceRange);
    RbacAuthorizer rbac = new RbacAuthorizer(cache);
    Authorizer authorizer = authorizer(options, cache, rbac);
    ObjectReader reader = new ObjectReader(store, cache);
    ClusterObjects objects =
        new ClusterObjects(
            cache, (resource, key) -> reader.find(resource, key).map(CachedObject::parse));
    List<AdmissionPlugin> plugins = new ArrayList<>();
    HeapRoom.ofThisProgram(time).ifPresent(plugins::add);
    plugins.addAll(AdmissionPlugins.standard(objects, authorizer, randomness));
    plugins.add(new PodSecurity(objects));
    plugins.add(new CertificateRequests(authorizer, time));
    plugins.add(new DeviceTaints(time));
    plugins.add(new EscalationGuard(rbac, authorizer, objects));
    BackendClient backends =
        new BackendClient(
            loops, options.kubeletCertificate, options.kubeletKey, options.kubeletAuthority);
    ServiceAddresses services = new ServiceAddresses(reader, randomness);
    Caller caller = new Caller(backends, time);
    WebhookClient callouts = new WebhookClient(caller, services);
    Webhooks webhooks =
        new Webhooks(
            cache, registry, objects, callouts, new WebhookConditions(authorizer), randomness);
    plugins.add(new MutatingPolicies(cache, registry, objects, authorizer));
    plugins.add(webhooks.mutating());
    plugins.add(new ParameterAccess(cache, registry, authorizer));
    plugins.add(new ValidatingPolicies(cache, registry, objects, authorizer));
    plugins.add(webhooks.validating(threads));
    WriteServices writes =
        new WriteServices(
            registry,
            store,
            cache,
            plugins,
            Companions.both(
                new ServiceAllocator(
                    AddressBook.of(cache, store),
                    PortRange.parse(options.nodePorts),
                    time,
                    randomness),
                new QuotaAccounting(new CachedNamespaces(cache, registry), store, time)),
            time,
            randomness);
    this.resources = new ResourceEndpoint(registry, cache, reader, writes, authorizer);
    Definitions.Writes stored = new Definitions.Writes(resources.writer(), resources.deleter());
    this.definitions =
        new Definitions(
            cache,
            registry,
            schemas.objectMeta(),
            new ConversionWebhooks(callouts, randomness),
            stored,
            resources::endWatches,
            time);
    resources.lateTypes(definitions::find);
    this.flows = new FlowStatus(cache, registry, resources.writer(), time);
    this.policies = new PolicyStatus(cache, registry, resources.writer(), time);
    this.aggregator =
        new Aggregator(
            cache,
            registry,
            stored,
            new Aggregator.Exits(
                new FrontProxy(services, options.proxyCertificate, options.proxyKey),
                new Handover(backends),
                caller),
            time);
    Handlers.register(resources, registry, reader, time);
    Handlers.registerConnections(resources, reader, backends, services);
    Handlers.registerComponents(resources, reader, store, time);
    Handlers.registerUsage(resources, registry, reader, backends, time);
    Handlers.registerReviews(resources, authorizer, rbac);
    ServiceAccountTokens tokens =
        new ServiceAccountTokens(
            new SigningKeys(options.serviceAccountSigningKey, options.serviceAccountKeys),
            options.serviceAccountIssuer,
            "https://" + advertised(options) + ":" + options.securePort + "/openid/v1/jwks",
            cache,
            time,
            randomness);
    this.openId = options.otherIssuers(time);
    List<Authenticator> others = otherTokens(options, tokens, time);
    Handlers.registerIdentity(resources, tokens, others);
    List<Authenticator> authenticators = new ArrayList<>();
    authenticators.add(new CertificateAuthenticator(time));
    authenticators.add(tokens.authenticator());
    authenticators.addAll(others);
    this.bootstrap =
        new Bootstrap(
            new Bootstrap.Settings(
                advertised(options),
                options.securePort,
                addresses.cidr(),
                addresses.at(1),
                options.endpointReconciler.equals("lease"),
                SystemObjects.extensionAuthentication(
                    options.clientAuthority, options.proxyAuthority, options.proxyNames)),
            store,
            registry,
            reader,
            resources.writer(),
            new ServerIdentity(
                new ServerIdentity.Server(advertised(options), HostName.read()),
                cache,
                registry,
                reader,
                stored,
                time,
                randomness),
            cache::ready,
            time);
    Discovery discovery =
        new Discovery(registry, aggregator, advertised(options) + ":" + options.securePort);
    InFlight inFlight =
        options.fairness ? new InFlight(0, 0) : new InFlight(options.maxReads, options.maxWrites);
    MetricsEndpoint metrics = new MetricsEndpoint(cache, inFlight);
    this.compactors = store.parts().stream().map(part -> new Compactor(part, time)).toList();
    this.auditor = Auditor.open(options.audit.settings(), metrics.registry(), time, randomness);
    this.pipeline =
        new RequestPipeline(
            auditor,
            () -> bootstrap.awaitDone(OPENING),
            new AuthenticatorChain(authenticators, path -> anonymousAllowed(options, path)),
            authorizer,
            routes(discovery, keyServers, time)
                .below(
                    "/openapi/v3",
                    new DiscoveryEndpoint(
                        new OpenApi(
                            registry,
                            schemas,
                            VersionEndpoint.KUBERNETES,
                            VersionEndpoint.commit(),
                            aggregator.specs()),
                        time))
                .path(
                    "/openapi/v2",
                    new DiscoveryEndpoint(
                        new SwaggerDocuments(
                            registry, schemas, VersionEndpoint.KUBERNETES, aggregator.specs()),
                        time))
                .path("/.well-known/openid-configuration", tokens.configuration())
                .path("/metrics", metrics)
                .path("/openid/v1/jwks", tokens.keySet()),
            options.fairness
                ? new FlowControl(
                    options.maxReads + options.maxWrites,
                    cache,
                    cache::size,
                    metrics.registry(),
                    time)
                : Turnstile.OPEN,
            inFlight,
            metrics,
            new SlowRequests(time),
            time);
  }

  /** Who recognizes tokens that are not service accounts' own. */
  private List<Authenticator> otherTokens(
      ApiServerOptions options, ServiceAccountTokens tokens, Time time) {
    List<Authenticator> others = new ArrayList<>();
    others.add(tokens.secretTokens());
    if (options.bootstrapTokens) {
      others.add(new BootstrapTokenAuthenticator(cache, time));
    }
    openId.ifPresent(others::add);
    return others;
  }

  private boolean anonymousAllowed(ApiServerOptions options, String path) {
    boolean otherwise = options.anonymousAllowed();
    return openId.map(tokens -> tokens.anonymousAllowed(path, otherwise)).orElse(otherwise);
  }

  private static Authorizer authorizer(
      ApiServerOptions options, WatchCache cache, RbacAuthorizer rbac) {
    List<Authorizer> chain = new ArrayList<>();
    for (String mode : options.authorizationModes) {
      chain.add(
          switch (mode) {
            case "Node" -> new NodeAuthorizer(cache);
            case "RBAC" -> rbac;
            default ->
                throw new IllegalArgumentException(
                    "--authorization-mode: " + mode + " is not supported; there are Node and RBAC");
          });
    }
    return new AuthorizerChain(chain);
  }

  private static String advertised(ApiServerOptions options) {
    if (options.advertiseAddress != null) {
      return options.advertiseAddress;
    }
    if (options.bindAddress.equals("0.0.0.0")) {
      throw new IllegalArgumentException(
          "--advertise-address: must be given where --bind-address names no single address");
    }
    return options.bindAddress;
  }

  /**
   * Starts a server. It answers at once, though it is ready only when it has read its store.
   *
   * @throws IOException when the port is taken
   * @throws java.io.UncheckedIOException when a file cannot be read
   * @throws IllegalArgumentException when a flag or a file's content makes no sense
   */
  public static ApiServer start(ApiServerOptions options, Time time, Randomness randomness)
      throws IOException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
    boolean started = false;
    try {
      AtRest atRest = AtRest.of(options.encryption, options.encryptionReload, time, randomness);
      Store store = options.stores(atRest::over);
      ApiServer server = new ApiServer(options, loops, store, atRest.checks(), time, randomness);
      server.open(options, time);
      started = true;
      return server;
    } finally {
      if (!started) {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
      }
    }
  }

  private void open(ApiServerOptions options, Time time) throws IOException {
    http =
        HttpServer.start(
            new HttpServerConfig(
                new InetSocketAddress(options.bindAddress, options.securePort),
                options.certificate,
                options.key,
                options.clientAuthority),
            pipeline,
            loops,
            threads,
            time);
    cache.start();
    bootstrap.start();
    definitions.start();
    flows.start();
    policies.start();
    aggregator.start();
    compactors.forEach(Compactor::start);
  }

  private Routes routes(Discovery discovery, List<Health.Check> keyServers, Time time) {
    List<Health.Check> alive = new ArrayList<>();
    alive.add(new Health.Check("ping", Optional::empty));
    alive.addAll(keyServers);
    Health.Check loaded =
        new Health.Check(
            "watch-cache",
            () -> cache.ready() ? Optional.empty() : Optional.of("the store has not been read"));
    Health.Check objects =
        new Health.Check(
            "poststarthook/bootstrap",
            () ->
                bootstrap.done()
                    ? Optional.empty()
                    : Optional.of("the system's own objects are not there yet"));
    Health.Check custom =
        new Health.Check(
            "crd-informer-synced",
            () ->
                definitions.ready()
                    ? Optional.empty()
                    : Optional.of("what is defined is not served yet"));
    Health.Check shutdown =
        new Health.Check(
            "shutdown",
            () -> stopping ? Optional.of("process is shutting down") : Optional.empty());
    List<Health.Check> well = new ArrayList<>(alive);
    List<Supplier<Optional<String>>> stores = cache.problems();
    for (int i = 0; i < stores.size(); i++) {
      String name = i == 0 ? "etcd" : "etcd-override-" + (i - 1);
      well.add(new Health.Check(name, stores.get(i)::get));
    }
    well.add(loaded);
    List<Health.Check> serving = new ArrayList<>(well);
    serving.addAll(List.of(objects, custom, shutdown));
    return new Routes(resources)
        .first(aggregator::endpoint)
        .below("/livez", new Health("/livez", alive))
        .below("/healthz", new Health("/healthz", well))
        .below("/readyz", new Health("/readyz", serving))
        .below("/api", new DiscoveryEndpoint(discovery, time))
        .below("/apis", new DiscoveryEndpoint(discovery, time))
        .path("/version", new VersionEndpoint());
  }

  /** The port that it listens on. */
  public int port() {
    return http == null ? 0 : http.port();
  }

  /** Stops taking requests and waits, for some seconds, until those under way are answered. */
  public void drain() throws InterruptedException {
    stopping = true;
    bootstrap.close();
    resources.endWatches();
    if (http != null) {
      http.drain(DRAIN);
    }
  }

  @Override
  public void close() {
    if (http != null) {
      http.close();
    }
    openId.ifPresent(OpenIdTokens::close);
    auditor.close();
    aggregator.close();
    definitions.close();
    flows.close();
    policies.close();
    compactors.forEach(Compactor::close);
    cache.close();
    store.close();
    threads.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
