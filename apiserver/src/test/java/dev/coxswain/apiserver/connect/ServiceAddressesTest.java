package dev.coxswain.apiserver.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands behind a Service. Apostrophes stand for quotes. */
class ServiceAddressesTest {
  private static final GroupResource SERVICES = new GroupResource("", "services");

  private final MemoryStore store = new MemoryStore();
  private final WatchCache cache = new WatchCache(store, new SystemTime(), Runnable::run);
  private final ServiceAddresses services =
      new ServiceAddresses(new ObjectReader(store, cache), Randomness.seeded(1));

  @BeforeEach
  void start() {
    cache.start();
    write(
        SERVICES,
        "web",
        "{'metadata':{'name':'web'},'spec':{'type':'ClusterIP','ports':["
            + "{'port':80},{'name':'https','port':443}]}}");
  }

  @AfterEach
  void stop() {
    cache.close();
  }

  private void write(GroupResource resource, String name, String object) {
    store.commit(
        List.of(
            new StoreWrite.Put(
                StoreKeys.key(resource, new ObjectKey("shop", name)),
                StoreWrite.ABSENT,
                Json.bytes(Json.parseObject(object.replace('\'', '"'))),
                0)));
  }

  private void slice(String name, String service, String type, String ports, String endpoints) {
    write(
        Slices.RESOURCE,
        name,
        "{'metadata':{'name':'%s','labels':{'kubernetes.io/service-name':'%s'}},'addressType':'%s',"
                .formatted(name, service, type)
            + "'ports':[%s],'endpoints':[%s]}".formatted(ports, endpoints));
  }

  private List<String> behind(String portName) throws InterruptedException {
    return services.backends("shop", "web", portName).stream()
        .map(backend -> backend.address() + ":" + backend.port())
        .toList();
  }

  @Test
  void readyEndpointsOfAllItsSlicesAreBehindAService() throws InterruptedException {
    slice(
        "by-controller",
        "web",
        "IPv4",
        "{'name':'','port':8080},{'name':'https','port':8443}",
        "{'addresses':['10.0.0.1'],'conditions':{'ready':true}},"
            + "{'addresses':['10.0.0.2'],'conditions':{'ready':false,'serving':true}},"
            + "{'addresses':['10.0.0.3'],'conditions':{}}");
    slice("by-hand", "web", "IPv4", "{'name':'https','port':9443}", "{'addresses':['10.0.0.4']}");
    slice("any-port", "web", "IPv4", "{'name':'https'}", "{'addresses':['10.0.0.5']}");
    slice("named", "web", "FQDN", "{'name':'https','port':443}", "{'addresses':['example.com']}");
    slice("others", "shop", "IPv4", "{'name':'https','port':443}", "{'addresses':['10.0.0.6']}");
    slice("none", "web", "IPv4", "", "");
    assertThat(behind("https"))
        .containsExactlyInAnyOrder("10.0.0.1:8443", "10.0.0.3:8443", "10.0.0.4:9443");
    assertThat(behind("")).containsExactlyInAnyOrder("10.0.0.1:8080", "10.0.0.3:8080");
    assertThat(services.one("shop", "web", 80).port()).isEqualTo(8080);
  }

  @Test
  void aServiceWithoutReadyEndpointsIsUnavailable() {
    slice(
        "unready",
        "web",
        "IPv4",
        "{'name':'https','port':8443}",
        "{'addresses':['10.0.0.1'],'conditions':{'ready':false}}");
    assertThatThrownBy(() -> services.one("shop", "web", 443))
        .isInstanceOf(ApiException.class)
        .hasMessage("no endpoints available for service \"web\"");
    assertThatThrownBy(() -> services.one("shop", "web", 8443))
        .isInstanceOf(ApiException.class)
        .hasMessage("no service port 8443 found for service \"web\"");
  }
}
