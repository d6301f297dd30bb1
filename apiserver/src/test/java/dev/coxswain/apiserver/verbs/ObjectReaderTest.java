package dev.coxswain.apiserver.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObjectReaderTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryStore store = new MemoryStore();
  private final WatchCache cache = new WatchCache(store, new SystemTime(), threads);
  private final ObjectReader reader = new ObjectReader(store, cache);
  private final ResourceType type =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()))
          .find(new GroupVersionKind("", "v1", "ConfigMap"))
          .orElseThrow();

  @BeforeEach
  void start() {
    cache.start();
    await().until(cache::ready);
  }

  @AfterEach
  void stop() {
    cache.close();
    threads.shutdownNow();
  }

  private void write(String name) {
    String key = StoreKeys.key(type.storedResource(), new ObjectKey("shop", name));
    byte[] bytes =
        ("{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"shop\"}}")
            .getBytes(StandardCharsets.UTF_8);
    store.commit(List.of(new StoreWrite.Put(key, 0, bytes, 0)));
  }

  private ObjectReader.Listed list(String query) throws InterruptedException {
    return reader.list(type, Selection.namespace("shop"), Query.parse(query));
  }

  private static List<String> names(ObjectReader.Listed listed) {
    return listed.objects().stream().map(object -> object.key().name()).toList();
  }

  @Test
  void aListWhoseMomentIsForgottenGoesOnWithWhatIsThereNow() throws Exception {
    for (String name : new String[] {"a", "b", "c"}) {
      write(name);
    }
    await().until(() -> cache.revision(type.storedResource()) == store.revision());
    ObjectReader.Listed first = list("limit=1");
    assertThat(names(first)).containsExactly("a");
    String token = Json.text(first.metadata(), "continue");
    assertThat(names(list("limit=1&continue=" + token))).containsExactly("b");
    write("aa");
    store.compact(store.revision());
    ApiException expired =
        catchThrowableOfType(ApiException.class, () -> list("limit=1&continue=" + token));
    assertThat(expired.status().code()).isEqualTo(410);
    ObjectReader.Listed second = list("limit=2&continue=" + expired.status().continuation());
    assertThat(names(second)).containsExactly("aa", "b");
    assertThat(Json.text(second.metadata(), "resourceVersion"))
        .isEqualTo(Long.toString(store.revision()));
    ObjectReader.Listed rest = list("limit=2&continue=" + Json.text(second.metadata(), "continue"));
    assertThat(names(rest)).containsExactly("c");
    assertThat(Json.text(rest.metadata(), "resourceVersion"))
        .isEqualTo(Long.toString(store.revision()));
  }
}
