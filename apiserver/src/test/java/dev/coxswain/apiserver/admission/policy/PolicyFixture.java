package dev.coxswain.apiserver.admission.policy;

import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.verbs.WriteServices;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.node.ObjectNode;

/** Writes on their way past policies. Apostrophes stand for quotes, backticks for apostrophes. */
abstract class PolicyFixture {
  static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();
  static final String GROUP = "admissionregistration.k8s.io";

  final ResourceRegistry registry = new ResourceRegistry(BuiltinKinds.all(SCHEMAS));
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final MemoryStore store = new MemoryStore();
  final SystemTime time = new SystemTime();
  final WatchCache cache = new WatchCache(store, time, threads);
  final ObjectWriter writer = new ObjectWriter(services());

  /** The plugin that is tested. */
  abstract AdmissionPlugin plugin(ClusterObjects objects, Authorizer authorizer);

  private static Decision decide(Attributes attributes) {
    boolean all = attributes.verb().equals("list") && attributes.fields().isEmpty();
    return all || attributes.verb().equals("fly")
        ? new Decision.NoOpinion("nobody flies, or lists everything")
        : new Decision.Allow("why not");
  }

  private WriteServices services() {
    ObjectReader reader = new ObjectReader(store, cache);
    ClusterObjects objects =
        new ClusterObjects(
            cache, (resource, key) -> reader.find(resource, key).map(CachedObject::parse));
    return new WriteServices(
        registry,
        store,
        cache,
        List.of(plugin(objects, PolicyFixture::decide)),
        Companions.NONE,
        time,
        Randomness.seeded(1));
  }

  @BeforeEach
  void start() {
    cache.start();
    await().until(cache::ready);
    write("", "v1", "Namespace", "", "{'metadata': {'name': 'shop', 'labels': {'team': 'a'}}}");
  }

  @AfterEach
  void stop() {
    cache.close();
    threads.shutdownNow();
  }

  static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').replace('`', '\''));
  }

  static WriteContext by(String user) {
    return new WriteContext(
        UserInfo.of(user, List.of("testers")),
        false,
        "test",
        null,
        new ArrayList<>(),
        Annotations.NONE);
  }

  void write(String group, String version, String kind, String namespace, String text) {
    write(group, version, kind, namespace, text, WriteContext.internal());
  }

  /** Writes, and waits until the cache has it. */
  CachedObject write(
      String group,
      String version,
      String kind,
      String namespace,
      String text,
      WriteContext context) {
    ResourceType type = registry.find(new GroupVersionKind(group, version, kind)).orElseThrow();
    ObjectNode object = json(text);
    object.put("apiVersion", group.isEmpty() ? version : group + "/" + version).put("kind", kind);
    CachedObject written = writer.create(type, namespace, object, context);
    await().until(() -> cache.revision(type.storedResource()) >= written.revision());
    return written;
  }
}
