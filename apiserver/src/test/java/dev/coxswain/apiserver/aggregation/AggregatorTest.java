package dev.coxswain.apiserver.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.connect.BackendClient;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.Handover;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.discovery.Discovery;
import dev.coxswain.apiserver.discovery.Documents;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.openapi.OpenApi;
import dev.coxswain.apiserver.openapi.SwaggerDocuments;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.apiserver.verbs.DeleteRequest;
import dev.coxswain.apiserver.verbs.ObjectDeleter;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.verbs.WriteServices;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.apiserver.webhook.WebhookServer;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** APIServices and a real server behind one of them. Apostrophes stand for quotes. */
class AggregatorTest {
  private static final String AGGREGATED_DISCOVERY =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  private final ResourceRegistry registry =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));
  private final WebhookServer server = new WebhookServer();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final MemoryStore store = new MemoryStore();
  private final SystemTime time = new SystemTime();
  private final Randomness randomness = Randomness.seeded(1);
  private final WatchCache cache = new WatchCache(store, time, Runnable::run);
  private final WriteServices services =
      new WriteServices(registry, store, cache, List.of(), Companions.NONE, time, randomness);
  private final Definitions.Writes writes =
      new Definitions.Writes(new ObjectWriter(services), new ObjectDeleter(services));
  private final Aggregator aggregator = aggregator();
  private final Discovery discovery = new Discovery(registry, aggregator, "10.0.0.1:6443");

  private Aggregator aggregator() {
    BackendClient backends = new BackendClient(loops, null, null, null);
    ServiceAddresses addresses = new ServiceAddresses(new ObjectReader(store, cache), randomness);
    return new Aggregator(
        cache,
        registry,
        writes,
        new Aggregator.Exits(
            new FrontProxy(addresses, null, null),
            new Handover(backends),
            new Caller(backends, time)),
        time);
  }

  @BeforeEach
  void start() {
    cache.start();
    aggregator.start();
  }

  @AfterEach
  void stop() {
    aggregator.close();
    cache.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private ResourceType type(String group, String version, String kind) {
    return registry.find(new GroupVersionKind(group, version, kind)).orElseThrow();
  }

  private void create(String group, String kind, String namespace, ObjectNode object) {
    writes.writer().create(type(group, "v1", kind), namespace, object, WriteContext.internal());
  }

  private void awaitCondition(String name, String status, String reason) {
    await()
        .untilAsserted(() ->
            assertThat(
                    cache
                        .find(ApiServices.RESOURCE, ObjectKey.cluster(name))
                        .flatMap(object -> Conditions.find(object, "Available")))
                .hasValueSatisfying(condition -> {
                  assertThat(condition.reason()).isEqualTo(reason);
                  assertThat(condition.status()).isEqualTo(status);
                }));
  }

  private void register() {
    create(
        "apiregistration.k8s.io",
        "APIService",
        "",
        json(
            "{'apiVersion':'apiregistration.k8s.io/v1','kind':'APIService',"
                + "'metadata':{'name':'v1alpha1.wardle.example.com'},'spec':{"
                + "'group':'wardle.example.com','version':'v1alpha1','groupPriorityMinimum':2000,"
                + "'versionPriority':200,'caBundle':'"
                + server.authorities()
                + "','service':{'namespace':'shop','name':'sample','port':"
                + server.port()
                + "}}}"));
  }

  private void expose() {
    create(
        "",
        "Service",
        "shop",
        json(
            "{'apiVersion':'v1','kind':'Service','metadata':{'name':'sample'},"
                + "'spec':{'type':'ExternalName','externalName':'localhost'}}"));
  }

  private void exposeByAddress() {
    create(
        "",
        "Service",
        "shop",
        json(
            "{'apiVersion':'v1','kind':'Service','metadata':{'name':'sample'},'spec':{'ports':["
                + "{'name':'https','port':"
                + server.port()
                + "}]}}"));
  }

  /** As one that is older than the rules of addresses. */
  private void slice(String name, boolean ready) {
    ObjectNode slice =
        json(
            "{'apiVersion':'discovery.k8s.io/v1','kind':'EndpointSlice','addressType':'IPv4',"
                + "'metadata':{'name':'"
                + name
                + "','labels':{'kubernetes.io/service-name':'sample'}},"
                + "'ports':[{'name':'https','port':443}],"
                + "'endpoints':[{'addresses':['127.0.0.1'],'conditions':{'ready':"
                + ready
                + "}}]}");
    store.commit(
        List.of(
            new StoreWrite.Put(
                StoreKeys.key(
                    new GroupResource("discovery.k8s.io", "endpointslices"),
                    new ObjectKey("shop", name)),
                StoreWrite.ABSENT,
                Json.bytes(slice),
                0)));
  }

  private String message() {
    return cache
        .find(ApiServices.RESOURCE, ObjectKey.cluster("v1alpha1.wardle.example.com"))
        .flatMap(object -> Conditions.find(object, "Available"))
        .orElseThrow()
        .message();
  }

  @Test
  void aServersAddressesAreThoseInTheSlicesOfItsService() {
    register();
    exposeByAddress();
    awaitCondition("v1alpha1.wardle.example.com", "False", "EndpointsNotFound");
    assertThat(message()).isEqualTo("cannot find endpointslices for service/sample in \"shop\"");
    slice("unready", false);
    awaitCondition("v1alpha1.wardle.example.com", "False", "MissingEndpoints");
    assertThat(message())
        .isEqualTo(
            "endpointslices for service/sample in \"shop\" have no addresses with port name"
                + " \"https\"");
    slice("ready", true);
    // Found, and asked for no longer: nobody is handed on to this machine itself.
    awaitCondition("v1alpha1.wardle.example.com", "False", "FailedDiscoveryCheck");
    assertThat(message()).endsWith("address not allowed");
  }

  private void unregister() {
    writes
        .deleter()
        .delete(
            type("apiregistration.k8s.io", "v1", "APIService"),
            ObjectKey.cluster("v1alpha1.wardle.example.com"),
            DeleteRequest.DEFAULT,
            WriteContext.internal());
  }

  @Test
  void eachVersionOfThisServersOwnHasItsApiService() {
    awaitCondition("v1.", "True", "Local");
    awaitCondition("v2.autoscaling", "True", "Local");
  }

  @Test
  void aVersionIsServedFromTheMomentItsServerAnswers() {
    register();
    awaitCondition("v1alpha1.wardle.example.com", "False", "ServiceNotFound");
    expose();
    awaitCondition("v1alpha1.wardle.example.com", "False", "FailedDiscoveryCheck");
    server.serve(
        "/apis/wardle.example.com/v1alpha1",
        json(
            "{'kind':'APIResourceList','groupVersion':'wardle.example.com/v1alpha1','resources':["
                + "{'name':'flunders','singularName':'flunder','namespaced':true,'kind':'Flunder',"
                + "'verbs':['get']},{'name':'flunders/status','singularName':'','namespaced':true,"
                + "'kind':'Flunder','verbs':['get']}]}"));
    awaitCondition("v1alpha1.wardle.example.com", "True", "Passed");
    assertThat(server.users).contains("system:kube-aggregator");
    await()
        .untilAsserted(() ->
            assertThat(item(AGGREGATED_DISCOVERY).toString())
                .contains("\"resource\":\"flunders\"")
                .contains("\"subresource\":\"status\"")
                .contains("\"freshness\":\"Current\""));
    assertThat(
            Json.parseObject(
                    discovery.document("/apis/wardle.example.com", "").orElseThrow().body())
                .at("/preferredVersion/groupVersion")
                .asString(""))
        .isEqualTo("wardle.example.com/v1alpha1");
    assertThat(aggregator.endpoint("/apis/wardle.example.com/v1alpha1/flunders")).isPresent();
    assertThat(aggregator.endpoint("/apis/wardle.example.com")).isEmpty();
    assertThat(aggregator.endpoint("/apis/apps/v1/deployments")).isEmpty();
    unregister();
    await()
        .untilAsserted(
            () -> assertThat(discovery.document("/apis/wardle.example.com", "")).isEmpty());
  }

  @Test
  void aRedirectOfAnotherServerIsNotHandedOn() throws Exception {
    String path = "/apis/wardle.example.com/v1alpha1";
    server.serve(
        path,
        json("{'kind':'APIResourceList','resources':[{'name':'flunders','kind':'Flunder'}]}"));
    server.redirect(path + "/flunders", "https://attacker.example.com/");
    expose();
    register();
    awaitCondition("v1alpha1.wardle.example.com", "True", "Passed");
    Endpoint endpoint = aggregator.endpoint(path + "/flunders").orElseThrow();
    LocalRequests.Reply reply =
        LocalRequests.send(
            new RequestHandler() {
              @Override
              public void handle(Exchange exchange) throws InterruptedException {
                endpoint.handle(asked(exchange));
              }

              @Override
              public Answer refusal(Refusal refusal) {
                throw new AssertionError(refusal);
              }
            },
            "GET",
            path + "/flunders",
            Map.of(),
            new byte[0]);
    assertThat(reply.status()).isEqualTo(502);
    assertThat(reply.body())
        .isEqualTo("the backend attempted to redirect this request, which is not permitted");
  }

  private static ApiRequest asked(Exchange exchange) {
    String path = exchange.request().path();
    return new ApiRequest(
        exchange,
        RequestInfo.parse("GET", path, Query.NONE),
        Query.NONE,
        UserInfo.of("jo", List.of()),
        Annotations.NONE);
  }

  private static String document(Documents documents, String path) {
    return new String(documents.document(path, "").orElseThrow().body(), StandardCharsets.UTF_8);
  }

  @Test
  void whatAnotherServerTellsOfItsOpenApiIsToldWithItAndSentThere() {
    BuiltinSchemas schemas = BuiltinSchemas.load();
    OpenApi three = new OpenApi(registry, schemas, "v1", "", aggregator.specs());
    SwaggerDocuments two = new SwaggerDocuments(registry, schemas, "v1", aggregator.specs());
    String url = "/openapi/v3/apis/wardle.example.com/v1alpha1?hash=";
    server.serve(
        "/apis/wardle.example.com/v1alpha1",
        json("{'kind':'APIResourceList','resources':[{'name':'flunders','kind':'Flunder'}]}"));
    describe(url + "ONE");
    expose();
    register();
    await()
        .untilAsserted(() ->
            assertThat(document(three, "/openapi/v3"))
                .contains(
                    "\"apis/wardle.example.com/v1alpha1\":{\"serverRelativeURL\":\"" + url + "ONE")
                .doesNotContain("elsewhere"));
    assertThat(document(two, "/openapi/v2"))
        .contains("\"/apis/wardle.example.com/v1alpha1/flunders\"", "\"com.example.Flunder\"")
        .doesNotContain("/unasked");
    assertThat(aggregator.endpoint("/openapi/v3/apis/wardle.example.com/v1alpha1")).isPresent();
    assertThat(aggregator.endpoint("/openapi/v3/apis/apps/v1")).isEmpty();
    unregister();
    await()
        .untilAsserted(() -> {
          assertThat(document(three, "/openapi/v3")).doesNotContain("wardle");
          assertThat(document(two, "/openapi/v2")).doesNotContain("wardle");
        });
  }

  @Test
  void whoTellsOnlyTheOlderFormIsDescribedInTheNewerToo() {
    String path = "/openapi/v3/apis/wardle.example.com/v1alpha1";
    OpenApi three = new OpenApi(registry, BuiltinSchemas.load(), "v1", "", aggregator.specs());
    server.serve(
        "/apis/wardle.example.com/v1alpha1",
        json("{'kind':'APIResourceList','resources':[{'name':'flunders','kind':'Flunder'}]}"));
    describeAsBefore();
    expose();
    register();
    await()
        .untilAsserted(
            () -> assertThat(document(three, "/openapi/v3")).contains("\"" + path + "?hash="));
    assertThat(document(three, "/openapi/v3"))
        .contains(path + "?hash=" + three.content(path).orElseThrow() + "\"");
    assertThat(document(three, path))
        .contains("\"/apis/wardle.example.com/v1alpha1/flunders\"")
        .contains("\"#/components/schemas/com.example.Flunder\"");
    assertThat(aggregator.endpoint(path)).isEmpty();
    assertThat(aggregator.endpoint("/apis/wardle.example.com/v1alpha1")).isPresent();
    unregister();
    await()
        .untilAsserted(() -> {
          assertThat(document(three, "/openapi/v3")).doesNotContain("wardle");
          assertThat(three.document(path, "")).isEmpty();
        });
  }

  private void describe(String url) {
    server.serve(
        "/openapi/v3",
        json(
            "{'paths':{'apis/wardle.example.com/v1alpha1':{'serverRelativeURL':'"
                + url
                + "'},'apis/elsewhere/v1':{'serverRelativeURL':'/openapi/v3/apis/elsewhere/v1'}}}"));
    describeAsBefore();
  }

  private void describeAsBefore() {
    server.serve(
        "/openapi/v2",
        json(
            "{'paths':{'/unasked':{},'/apis/wardle.example.com/v1alpha1/flunders':{"
                + "'get':{'responses':{'200':{'schema':{"
                + "'$ref':'#/definitions/com.example.Flunder'}}}}}},"
                + "'definitions':{'com.example.Flunder':{'type':'object'}}}"));
  }

  private JsonNode item(String accept) {
    JsonNode list = Json.parse(discovery.document("/apis", accept).orElseThrow().body());
    for (JsonNode item : list.path("items")) {
      if (Json.text(item, "metadata", "name").equals("wardle.example.com")) {
        return item;
      }
    }
    return Json.object();
  }

  @Test
  void theUserIsToldInHeadersThatNobodyCanBreakOutOf() {
    UserInfo user =
        new UserInfo(
            "jo\r\nX-Remote-Group: system:masters",
            "7",
            List.of("a", "b"),
            Map.of("example.com/key", List.of("v")));
    assertThat(FrontProxy.identity(user))
        .containsExactly(
            Map.entry("X-Remote-User", "jo  X-Remote-Group: system:masters"),
            Map.entry("X-Remote-Uid", "7"),
            Map.entry("X-Remote-Group", "a"),
            Map.entry("X-Remote-Group", "b"),
            Map.entry("X-Remote-Extra-example.com%2Fkey", "v"));
  }

  @Test
  void whatIsWrongWithAnApiServiceIsToldWithItsPath() {
    ObjectNode wrong =
        json(
            "{'metadata':{'name':'x'},'spec':{'group':'a.b','version':'v1','caBundle':'aaaa',"
                + "'groupPriorityMinimum':20001,'versionPriority':0}}");
    assertThat(
            type("apiregistration.k8s.io", "v1", "APIService").strategy().validate(wrong).stream()
                .map(error -> error.message()))
        .contains(
            "metadata.name: Invalid value: \"x\": must be `spec.version+\".\"+spec.group`:"
                + " \"v1.a.b\"",
            "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000",
            "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
            "spec.caBundle: Invalid value: \"4 bytes\": local APIServices may not have a"
                + " caBundle");
  }
}
