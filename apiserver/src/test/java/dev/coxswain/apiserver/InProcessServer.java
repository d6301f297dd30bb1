package dev.coxswain.apiserver;

import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionPlugins;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.admission.policy.ValidatingPolicies;
import dev.coxswain.apiserver.audit.Auditor;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.connect.BackendClient;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.custom.ConversionWebhooks;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.discovery.Discovery;
import dev.coxswain.apiserver.discovery.Extensions;
import dev.coxswain.apiserver.health.VersionEndpoint;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.openapi.ForeignSpecs;
import dev.coxswain.apiserver.openapi.OpenApi;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.request.DiscoveryEndpoint;
import dev.coxswain.apiserver.request.InFlight;
import dev.coxswain.apiserver.request.RequestMetrics;
import dev.coxswain.apiserver.request.RequestPipeline;
import dev.coxswain.apiserver.request.Routes;
import dev.coxswain.apiserver.request.SlowRequests;
import dev.coxswain.apiserver.request.Turnstile;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.TracedStore;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ResourceEndpoint;
import dev.coxswain.apiserver.verbs.WriteServices;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** A server without a network and with a store in memory; who asks is an administrator. */
public final class InProcessServer implements AutoCloseable {
  private static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();

  private final ResourceRegistry registry = new ResourceRegistry(BuiltinKinds.all(SCHEMAS));
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final MemoryStore store = new MemoryStore();
  private final WatchCache cache;
  private final Definitions definitions;
  private final RequestPipeline pipeline;

  /** Starts it. */
  public InProcessServer(Randomness randomness) {
    this(randomness, Auditor.off(new SystemTime(), randomness));
  }

  /** Starts it with an audit log. */
  public InProcessServer(Randomness randomness, Auditor auditor) {
    this(randomness, auditor, new SystemTime(), store -> store, _ -> {});
  }

  /** Starts it with another clock and a way to the store, and tells of slow requests. */
  InProcessServer(
      Randomness randomness,
      Auditor auditor,
      Time time,
      UnaryOperator<Store> way,
      Consumer<String> slow) {
    Store store = new TracedStore(way.apply(this.store));
    cache = new WatchCache(store, time, threads);
    Authorizer authorizer = _ -> new Decision.Allow("");
    ObjectReader reader = new ObjectReader(store, cache);
    ClusterObjects objects =
        new ClusterObjects(
            cache, (resource, key) -> reader.find(resource, key).map(CachedObject::parse));
    List<AdmissionPlugin> plugins =
        new ArrayList<>(AdmissionPlugins.standard(objects, authorizer, randomness));
    plugins.add(new ValidatingPolicies(cache, registry, objects, authorizer));
    ResourceEndpoint resources =
        new ResourceEndpoint(
            registry,
            cache,
            reader,
            new WriteServices(registry, store, cache, plugins, Companions.NONE, time, randomness),
            authorizer);
    WebhookClient client =
        new WebhookClient(
            new Caller(new BackendClient(loops, null, null, null), time),
            new ServiceAddresses(reader, randomness));
    definitions =
        new Definitions(
            cache,
            registry,
            SCHEMAS.objectMeta(),
            new ConversionWebhooks(client, randomness),
            new Definitions.Writes(resources.writer(), resources.deleter()),
            resources::endWatches,
            time);
    resources.lateTypes(definitions::find);
    Handlers.register(resources, registry, reader, time);
    DiscoveryEndpoint discovery =
        new DiscoveryEndpoint(new Discovery(registry, Extensions.NONE, "localhost:1"), time);
    pipeline =
        new RequestPipeline(
            auditor,
            () -> {},
            _ -> Optional.of(UserInfo.of("ada", List.of(UserInfo.MASTERS, UserInfo.AUTHENTICATED))),
            authorizer,
            new Routes(resources)
                .below("/api", discovery)
                .below("/apis", discovery)
                .below(
                    "/openapi/v3",
                    new DiscoveryEndpoint(
                        new OpenApi(
                            registry, SCHEMAS, VersionEndpoint.KUBERNETES, "", ForeignSpecs.NONE),
                        time)),
            Turnstile.OPEN,
            new InFlight(0, 0),
            RequestMetrics.NONE,
            new SlowRequests(time, slow),
            time);
    cache.start();
    definitions.start();
    await().until(() -> cache.ready() && definitions.ready());
    send("POST", "/api/v1/namespaces", Json.parse("{\"metadata\": {\"name\": \"default\"}}"));
    send(
        "POST",
        "/api/v1/namespaces/default/serviceaccounts",
        Json.parse("{\"metadata\": {\"name\": \"default\"}}"));
  }

  /** What is served now. */
  public ResourceRegistry registry() {
    return registry;
  }

  /** Whether the cache falls behind the store from here on. */
  public void cacheLags(boolean now) {
    store.away(now);
  }

  /** Sends a JSON document. */
  public Reply send(String method, String uri, JsonNode body) {
    return send(method, uri, "application/json", Json.bytes(body));
  }

  /** Sends a request without a body. */
  public Reply send(String method, String uri) {
    return send(method, uri, "application/json", new byte[0]);
  }

  /** Sends any body. */
  public Reply send(String method, String uri, String contentType, byte[] body) {
    return send(
        method, uri, Map.of("Content-Type", contentType, "Accept", "application/json"), body);
  }

  /** Sends any headers and any body. */
  public Reply send(String method, String uri, Map<String, String> headers, byte[] body) {
    try {
      return LocalRequests.send(pipeline, method, uri, headers, body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends text as a body. */
  public Reply send(String method, String uri, String contentType, String body) {
    return send(method, uri, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    definitions.close();
    cache.close();
    threads.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
