package dev.coxswain.apiserver.admission.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.connect.BackendClient;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.apiserver.verbs.DeleteRequest;
import dev.coxswain.apiserver.verbs.ObjectDeleter;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.verbs.WriteServices;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.apiserver.webhook.WebhookServer;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes on their way past a real webhook server. Apostrophes stand for quotes. */
class WebhooksTest {
  private static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();
  private static final String GROUP = "admissionregistration.k8s.io";

  private final ResourceRegistry registry = new ResourceRegistry(BuiltinKinds.all(SCHEMAS));
  private final WebhookServer server = new WebhookServer();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryStore store = new MemoryStore();
  private final SystemTime time = new SystemTime();
  private final Randomness randomness = Randomness.seeded(1);
  private final WatchCache cache = new WatchCache(store, time, threads);
  private final WriteServices services = services();
  private final ObjectWriter writer = new ObjectWriter(services);
  private final ObjectDeleter deleter = new ObjectDeleter(services);

  private WriteServices services() {
    ObjectReader reader = new ObjectReader(store, cache);
    ClusterObjects objects =
        new ClusterObjects(
            cache, (resource, key) -> reader.find(resource, key).map(CachedObject::parse));
    WebhookClient client =
        new WebhookClient(
            new Caller(new BackendClient(loops, null, null, null), time),
            new ServiceAddresses(reader, randomness));
    Webhooks webhooks =
        new Webhooks(cache, registry, objects, client, MatchConditions.NONE, randomness);
    return new WriteServices(
        registry,
        store,
        cache,
        List.of(webhooks.mutating(), webhooks.validating(threads)),
        Companions.NONE,
        time,
        randomness);
  }

  @BeforeEach
  void start() {
    cache.start();
    await().until(cache::ready);
    namespace("shop", "{'team':'a'}");
  }

  @AfterEach
  void stop() {
    server.close();
    cache.close();
    threads.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static WriteContext by(String user) {
    return new WriteContext(
        UserInfo.of(user, List.of("testers")),
        false,
        "test",
        null,
        new ArrayList<>(),
        Annotations.NONE);
  }

  private ResourceType type(String group, String version, String kind) {
    return registry.find(new GroupVersionKind(group, version, kind)).orElseThrow();
  }

  private void namespace(String name, String labels) {
    written(
        writer.create(
            type("", "v1", "Namespace"),
            "",
            json(
                "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'"
                    + name
                    + "','labels':"
                    + labels
                    + "}}"),
            WriteContext.internal()));
  }

  /** Waits until the cache has what was written. */
  private ObjectNode written(CachedObject object) {
    await().until(() -> cache.applied(new GroupResource("", "namespaces")) >= object.revision());
    return object.parse();
  }

  private ObjectNode configMap(String name) {
    return written(
        writer.create(
            type("", "v1", "ConfigMap"),
            "shop",
            json(
                "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'"
                    + name
                    + "'},'data':{'a':'1'}}"),
            by("jo")));
  }

  /** A configuration of one webhook for config maps and whatever else is asked for. */
  private void webhook(String kind, String name, String path, String more) {
    ObjectNode webhook =
        json(
            "{'name':'"
                + name
                + "','sideEffects':'None','admissionReviewVersions':['v1'],"
                + "'rules':[{'operations':['*'],'apiGroups':[''],'apiVersions':['v1'],"
                + "'resources':['configmaps','pods']}]}");
    webhook.set("clientConfig", server.client(path));
    json(more).properties().forEach(field -> webhook.set(field.getKey(), field.getValue()));
    ObjectNode configuration = json("{'apiVersion':'" + GROUP + "/v1','kind':'" + kind + "'}");
    configuration.putObject("metadata").put("name", name);
    configuration.putArray("webhooks").add(webhook);
    written(writer.create(type(GROUP, "v1", kind), "", configuration, by("admin")));
  }

  private void validating(String name, String path, String more) {
    webhook("ValidatingWebhookConfiguration", name, path, more);
  }

  private void mutating(String name, String path, String more) {
    webhook("MutatingWebhookConfiguration", name, path, more);
  }

  private static ObjectNode allowed() {
    return json("{'allowed':true}");
  }

  private static ObjectNode patch(String operations) {
    String encoded =
        Base64.getEncoder()
            .encodeToString(operations.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    return json("{'allowed':true,'patchType':'JSONPatch','patch':'" + encoded + "'}");
  }

  @Test
  void aDenialIsToldInTheWebhooksWords() {
    server.on("/no", _ -> json("{'allowed':false,'status':{'message':'not today','code':403}}"));
    validating("no.example.com", "/no", "{}");
    assertThatThrownBy(() -> configMap("x"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.status().code()).isEqualTo(403))
        .hasMessage("admission webhook \"no.example.com\" denied the request: not today");
    server.on("/no", _ -> json("{'allowed':false}"));
    assertThatThrownBy(() -> configMap("x"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.status().code()).isEqualTo(400))
        .hasMessage("admission webhook \"no.example.com\" denied the request without explanation");
  }

  @Test
  void theReviewSaysWhatIsAskedAndByWhom() {
    server.on("/ok", _ -> allowed());
    validating("ok.example.com", "/ok", "{}");
    configMap("x");
    JsonNode review = server.reviews.getLast();
    assertThat(review.path("apiVersion").asString()).isEqualTo("admission.k8s.io/v1");
    JsonNode request = review.path("request");
    assertThat(request.path("operation").asString()).isEqualTo("CREATE");
    assertThat(request.path("kind"))
        .isEqualTo(json("{'group':'','version':'v1','kind':'ConfigMap'}"));
    assertThat(request.path("resource"))
        .isEqualTo(json("{'group':'','version':'v1','resource':'configmaps'}"));
    assertThat(request.path("requestKind")).isEqualTo(request.path("kind"));
    assertThat(request.path("namespace").asString()).isEqualTo("shop");
    assertThat(request.path("name").asString()).isEqualTo("x");
    assertThat(Json.text(request, "userInfo", "username")).isEqualTo("jo");
    assertThat(Json.text(request, "object", "data", "a")).isEqualTo("1");
    assertThat(request.path("oldObject").isNull()).isTrue();
    assertThat(Json.text(request, "options", "kind")).isEqualTo("CreateOptions");
    deleter.delete(
        type("", "v1", "ConfigMap"), new ObjectKey("shop", "x"), DeleteRequest.DEFAULT, by("jo"));
    JsonNode delete = server.reviews.getLast().path("request");
    assertThat(delete.path("operation").asString()).isEqualTo("DELETE");
    assertThat(delete.path("object").isNull()).isTrue();
    assertThat(Json.text(delete, "oldObject", "data", "a")).isEqualTo("1");
    assertThat(server.callers.stream().distinct()).as("connections").hasSize(1);
  }

  @Test
  void whoCannotBeAskedDecidesByItsFailurePolicy() {
    validating(
        "gone.example.com",
        "/gone",
        "{'clientConfig':{'url':'https://127.0.0.1:1/x'},'failurePolicy':'Ignore'}");
    configMap("passes");
    validating("shut.example.com", "/gone", "{'clientConfig':{'url':'https://127.0.0.1:1/x'}}");
    assertThatThrownBy(() -> configMap("x"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.status().code()).isEqualTo(500))
        .hasMessage(
            "Internal error occurred: failed calling webhook \"shut.example.com\": failed to call"
                + " webhook: Post \"https://127.0.0.1:1/x?timeout=10s\": dial tcp 127.0.0.1:1:"
                + " connect: connection refused");
  }

  @Test
  void aServiceThatIsNotThereIsSaidToBeMissing() {
    validating(
        "svc.example.com", "/", "{'clientConfig':{'service':{'namespace':'shop','name':'hooks'}}}");
    assertThatThrownBy(() -> configMap("x"))
        .hasMessageEndingWith(
            "Post \"https://hooks.shop.svc:443/?timeout=10s\": services \"hooks\" not found");
  }

  @Test
  void aSlowWebhookIsNotWaitedFor() {
    CountDownLatch release = new CountDownLatch(1);
    server.on(
        "/slow",
        _ -> {
          release.await();
          return allowed();
        });
    validating("slow.example.com", "/slow", "{'timeoutSeconds':1}");
    assertThatThrownBy(() -> configMap("x"))
        .hasMessageContaining("failed calling webhook \"slow.example.com\"")
        .hasMessageEndingWith("context deadline exceeded");
    release.countDown();
  }

  @Test
  void slowWebhooksAreNamedToWhoAsksWhereTheTimeWent() {
    ManualTime hand = new ManualTime();
    for (String name : List.of("one", "two", "changes")) {
      server.on(
          "/" + name,
          _ -> {
            hand.advance(Duration.ofMillis(300));
            return allowed();
          });
    }
    mutating("changes.example.com", "/changes", "{}");
    validating("one.example.com", "/one", "{}");
    validating("two.example.com", "/two", "{}");
    RequestTrace trace = RequestTrace.begin(hand);
    trace.during(() -> configMap("x"));
    // Those that validate are asked beside each other; how much of each other's time is luck.
    assertThat(trace.parts())
        .startsWith("admission 900 ms; ")
        .contains("webhook changes.example.com 300 ms")
        .containsPattern("webhook one.example.com [36]00 ms")
        .containsPattern("webhook two.example.com [36]00 ms");
  }

  @Test
  void whatIsNoAnswerToTheQuestionCountsAsNone() {
    server.on("/patch", _ -> patch("[]"));
    validating("bad.example.com", "/patch", "{}");
    assertThatThrownBy(() -> configMap("x"))
        .hasMessageEndingWith("validating webhook may not return response.patch");
  }

  @Test
  void aPatchedPodGetsItsDefaultsAndKeepsItsIdentity() {
    server.on(
        "/add",
        _ ->
            patch(
                "[{'op':'add','path':'/spec/initContainers','value':[{'image':'i','name':'n',"
                    + "'junk':true}]},{'op':'replace','path':'/metadata/uid','value':'mine'},"
                    + "{'op':'add','path':'/status/phase','value':'Running'}]"));
    mutating("add.example.com", "/add", "{}");
    ObjectNode pod =
        written(
            writer.create(
                type("", "v1", "Pod"),
                "shop",
                json(
                    "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},"
                        + "'spec':{'containers':[{'name':'c','image':'x'}]}}"),
                by("jo")));
    JsonNode added = Json.at(pod, "spec", "initContainers").path(0);
    assertThat(added.path("terminationMessagePolicy").asString()).isEqualTo("File");
    assertThat(added.has("junk")).isFalse();
    assertThat(Json.text(pod, "metadata", "uid")).isNotEqualTo("mine");
    assertThat(Json.text(pod, "status", "phase")).isEqualTo("Pending");
    assertThat(Json.at(pod, "metadata", "managedFields").toString()).contains("\"test\"");
  }

  @Test
  void whoAsksForItSeesWhatOthersChangedAfterIt() {
    List<Integer> seen = new CopyOnWriteArrayList<>();
    server.on(
        "/first",
        request -> {
          seen.add(Json.at(request, "object", "data").size());
          return allowed();
        });
    server.on("/second", _ -> patch("[{'op':'add','path':'/data/b','value':'2'}]"));
    mutating("a-first.example.com", "/first", "{'reinvocationPolicy':'IfNeeded'}");
    mutating("b-second.example.com", "/second", "{}");
    assertThat(configMap("x").path("data").size()).isEqualTo(2);
    assertThat(seen).containsExactly(1, 2);
  }

  @Test
  void namespacesAndObjectsAreSelectedByLabel() {
    server.on("/no", _ -> json("{'allowed':false}"));
    validating("other.example.com", "/no", "{'namespaceSelector':{'matchLabels':{'team':'b'}}}");
    validating("label.example.com", "/no", "{'objectSelector':{'matchLabels':{'x':'y'}}}");
    configMap("x");
    assertThat(server.reviews).isEmpty();
  }

  @Test
  void anotherVersionOfTheSameResourceCountsAsEquivalent() {
    server.on("/ok", _ -> allowed());
    validating(
        "hpa.example.com",
        "/ok",
        "{'rules':[{'operations':['CREATE'],'apiGroups':['autoscaling'],'apiVersions':['v2'],"
            + "'resources':['horizontalpodautoscalers']}]}");
    writer.create(
        type("autoscaling", "v1", "HorizontalPodAutoscaler"),
        "shop",
        json(
            "{'apiVersion':'autoscaling/v1','kind':'HorizontalPodAutoscaler','metadata':{'name':'h'},"
                + "'spec':{'maxReplicas':3,'targetCPUUtilizationPercentage':50,"
                + "'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'d'}}}"),
        by("jo"));
    JsonNode request = server.reviews.getLast().path("request");
    assertThat(Json.text(request, "kind", "version")).isEqualTo("v2");
    assertThat(Json.text(request, "requestKind", "version")).isEqualTo("v1");
    assertThat(Json.text(request, "object", "apiVersion")).isEqualTo("autoscaling/v2");
    assertThat(Json.at(request, "object", "spec", "metrics").size()).isEqualTo(1);
  }

  @Test
  void nobodyIsAskedAboutConfigurationsOfWebhooks() {
    server.on("/no", _ -> json("{'allowed':false}"));
    String everything =
        "{'rules':[{'operations':['*'],'apiGroups':['*'],'apiVersions':['*'],'resources':['*/*']}]}";
    validating("all.example.com", "/no", everything);
    mutating("mine.example.com", "/no", everything);
    deleter.delete(
        type(GROUP, "v1", "ValidatingWebhookConfiguration"),
        ObjectKey.cluster("all.example.com"),
        DeleteRequest.DEFAULT,
        by("admin"));
    assertThat(server.reviews).isEmpty();
  }

  @Test
  void warningsReachTheClientOfARequestThatIsAllowed() {
    server.on("/warn", _ -> json("{'allowed':true,'warnings':['mind the gap']}"));
    validating("warn.example.com", "/warn", "{}");
    WriteContext context = by("jo");
    writer.create(
        type("", "v1", "ConfigMap"),
        "shop",
        json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'w'}}"),
        context);
    assertThat(context.warnings()).containsExactly("mind the gap");
  }
}
