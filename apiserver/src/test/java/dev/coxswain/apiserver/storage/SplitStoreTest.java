package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SplitStoreTest {
  private static final GroupResource EVENTS = new GroupResource("", "events");
  private static final GroupResource QUOTAS = new GroupResource("", "resourcequotas");
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final ObjectKey NAME = new ObjectKey("shop", "one");

  private final MemoryStore main = new MemoryStore();
  private final MemoryStore other = new MemoryStore();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SplitStore store = new SplitStore(main, Map.of(EVENTS, other));
  private final WatchCache cache = new WatchCache(store, new SystemTime(), threads);

  @AfterEach
  void stop() {
    cache.close();
    threads.shutdownNow();
  }

  private static StoreWrite put(GroupResource resource, long expected) {
    byte[] bytes =
        "{\"metadata\":{\"name\":\"one\",\"namespace\":\"shop\"}}".getBytes(StandardCharsets.UTF_8);
    return new StoreWrite.Put(StoreKeys.key(resource, NAME), expected, bytes, 0);
  }

  private static long revision(WriteOutcome outcome) {
    return ((WriteOutcome.Done) outcome).revision();
  }

  @Test
  void eachResourceIsWhereItBelongsAndHasRevisionsOfItsStore() throws InterruptedException {
    for (int i = 0; i < 20; i++) {
      store.commit(List.of(put(PODS, StoreWrite.ANY)));
    }
    long event = revision(store.commit(List.of(put(EVENTS, StoreWrite.ABSENT))));
    assertThat(main.get(StoreKeys.key(EVENTS, NAME))).isEmpty();
    assertThat(other.get(StoreKeys.key(PODS, NAME))).isEmpty();
    assertThat(event).isEqualTo(other.revision()).isLessThan(main.revision());
    cache.start();
    await().until(cache::ready);
    ObjectReader reader = new ObjectReader(store, cache);
    assertThat(reader.find(EVENTS, NAME).orElseThrow().revision()).isEqualTo(event);
    assertThat(reader.find(PODS, NAME).orElseThrow().revision()).isEqualTo(main.revision());
    long second = revision(store.commit(List.of(put(EVENTS, event))));
    await().until(() -> cache.awaitCurrent(EVENTS));
    assertThat(cache.cached(EVENTS, Selection.namespace("shop")).revision()).isEqualTo(second);
    assertThat(cache.applied(PODS)).isEqualTo(main.revision());
  }

  @Test
  void whatAnotherStoreKeptBeforeIsNotShown() {
    main.commit(List.of(put(EVENTS, StoreWrite.ABSENT)));
    other.commit(List.of(put(PODS, StoreWrite.ABSENT)));
    cache.start();
    await().until(cache::ready);
    assertThat(cache.cached(EVENTS, NAME)).isEmpty();
    assertThat(cache.cached(PODS, NAME)).isEmpty();
    assertThat(cache.sizes().values()).allMatch(size -> size == 0);
  }

  @Test
  void whatComesWithAChangeOfAnotherStoreIsMadeBeforeIt() {
    long quota = revision(store.commit(List.of(put(QUOTAS, StoreWrite.ABSENT))));
    WriteOutcome lost =
        store.commit(List.of(put(EVENTS, StoreWrite.ABSENT), put(QUOTAS, quota + 7)));
    WriteOutcome.Conflict conflict = (WriteOutcome.Conflict) lost;
    assertThat(conflict.current()).isNull();
    assertThat(conflict.at(1, put(QUOTAS, quota + 7))).isTrue();
    assertThat(other.get(StoreKeys.key(EVENTS, NAME))).isEmpty();
    long event =
        revision(store.commit(List.of(put(EVENTS, StoreWrite.ABSENT), put(QUOTAS, quota))));
    assertThat(event).isEqualTo(other.revision());
    assertThat(main.get(StoreKeys.key(QUOTAS, NAME)).orElseThrow().revision()).isGreaterThan(quota);
  }

  @Test
  void aStoreThatFailsIsNamedAndTheOthersGoOn() {
    cache.start();
    await().until(cache::ready);
    assertThat(cache.problems()).hasSize(2).allMatch(problem -> problem.get().isEmpty());
    other.away(true);
    await().until(() -> cache.problems().get(1).get().isPresent());
    store.commit(List.of(put(PODS, StoreWrite.ANY)));
    await().until(() -> cache.applied(PODS) == main.revision());
    assertThat(cache.problems().getFirst().get()).isEmpty();
    other.away(false);
    store.commit(List.of(put(EVENTS, StoreWrite.ANY)));
    await().until(() -> cache.applied(EVENTS) == other.revision());
    await().until(() -> cache.problems().get(1).get().isEmpty());
  }
}
