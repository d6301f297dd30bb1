package dev.coxswain.apiserver.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ResourceEndpoint;
import dev.coxswain.apiserver.verbs.WriteServices;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ServerIdentityTest {
  private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");

  private final ManualTime time = new ManualTime();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryStore store = new MemoryStore();
  private final WatchCache cache = new WatchCache(store, new SystemTime(), threads);
  private final ResourceRegistry registry =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));
  private final ObjectReader reader = new ObjectReader(store, cache);

  @BeforeEach
  void start() {
    cache.start();
  }

  @AfterEach
  void stop() {
    cache.close();
    threads.shutdownNow();
  }

  private ServerIdentity identity(String address, long seed) {
    Authorizer authorizer = _ -> new Decision.Allow("");
    Randomness randomness = Randomness.seeded(seed);
    WriteServices services =
        new WriteServices(registry, store, cache, List.of(), Companions.NONE, time, randomness);
    ResourceEndpoint resources =
        new ResourceEndpoint(registry, cache, reader, services, authorizer);
    return new ServerIdentity(
        new ServerIdentity.Server(address, "cp-1"),
        cache,
        registry,
        reader,
        new Definitions.Writes(resources.writer(), resources.deleter()),
        time,
        randomness);
  }

  private Optional<ObjectNode> lease(String address) throws InterruptedException {
    ObjectKey key = new ObjectKey("kube-system", ServerIdentity.name(address));
    return reader.find(LEASES, key).map(CachedObject::parse);
  }

  @Test
  void aServerIsFoundByItsLease() throws Exception {
    assertThat(ServerIdentity.name("10.0.0.1")).matches("apiserver-[a-z2-7]{26}");
    ServerIdentity first = identity("10.0.0.1", 1);
    first.renew();
    ObjectNode lease = lease("10.0.0.1").orElseThrow();
    assertThat(Json.text(lease, "metadata", "labels", ServerIdentity.LABEL))
        .isEqualTo("kube-apiserver");
    assertThat(Json.text(lease, "metadata", "labels", "kubernetes.io/hostname")).isEqualTo("cp-1");
    assertThat(Json.number(lease, 0, "spec", "leaseDurationSeconds")).isEqualTo(3600);
    String renewed = Json.text(lease, "spec", "renewTime");
    time.advance(Duration.ofSeconds(10));
    first.renew();
    ObjectNode later = lease("10.0.0.1").orElseThrow();
    assertThat(Json.text(later, "spec", "renewTime")).isGreaterThan(renewed);
    assertThat(later.at("/spec/holderIdentity")).isEqualTo(lease.at("/spec/holderIdentity"));
    identity("10.0.0.1", 2).renew();
    assertThat(lease("10.0.0.1").orElseThrow().at("/spec/holderIdentity"))
        .as("a server that has started again is another holder")
        .isNotEqualTo(lease.at("/spec/holderIdentity"));
  }

  @Test
  void theLeaseOfAServerThatIsGoneGoes() throws Exception {
    ServerIdentity gone = identity("10.0.0.1", 1);
    ServerIdentity here = identity("10.0.0.2", 2);
    gone.renew();
    time.advance(Duration.ofMinutes(50));
    here.renew();
    assertThat(lease("10.0.0.2")).isPresent();
    here.clean();
    assertThat(lease("10.0.0.1")).as("silent for less than an hour").isPresent();
    time.advance(Duration.ofMinutes(11));
    await().until(() -> cache.applied(LEASES) == store.revision());
    here.clean();
    assertThat(lease("10.0.0.1")).isEmpty();
    assertThat(lease("10.0.0.2")).isPresent();
  }
}
