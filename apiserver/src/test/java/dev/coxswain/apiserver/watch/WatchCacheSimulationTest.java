package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random writes, several to a revision at times, compactions and broken streams on one side;
 * watchers of different selections and speeds on the other. Each watcher keeps a copy of what it
 * was told; nothing may be lost, told twice or told in another order.
 */
class WatchCacheSimulationTest {
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
  private static final int STEPS = 600;

  static List<Long> seeds() {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 0; seed < 150; seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @Timeout(60)
  void watchersSeeEveryChangeOnceAndInOrder(long seed) throws InterruptedException {
    new Simulation(seed).run();
  }

  private static final class Simulation {
    private final Randomness random;
    private final MemoryStore store = new MemoryStore();
    private final Progress progress = new Progress(new ManualTime());
    private final StoreFeed feed = new StoreFeed(store, _ -> true, progress);
    private final List<Watcher> watchers = new ArrayList<>();

    Simulation(long seed) {
      this.random = Randomness.seeded(seed);
    }

    void run() throws InterruptedException {
      for (int i = 0; i < 10; i++) {
        write();
      }
      step();
      for (int step = 0; step < STEPS; step++) {
        switch ((int) random.below(12)) {
          case 0, 1, 2, 3 -> write();
          case 4, 5, 6 -> step();
          case 7 ->
              watchers.get((int) random.below(openWatchers())).read(1 + (int) random.below(5));
          case 8 -> watchers.get((int) random.below(openWatchers())).read(1000);
          case 9 -> {
            if (random.chance(0.1)) {
              store.breakStreams();
            }
          }
          case 10 -> {
            if (random.chance(0.1)) {
              store.compact(store.revision() - random.below(5));
            }
          }
          default -> write();
        }
      }
      do {
        step();
      } while (progress.applied() < store.revision());
      step();
      for (Watcher watcher : watchers) {
        watcher.read(100_000);
        assertThat(watcher.copy).as("the copy of %s", watcher.selection).isEqualTo(truth(watcher));
      }
    }

    private int openWatchers() {
      if (watchers.size() < 6) {
        watchers.add(new Watcher(this, selection(watchers.size())));
      }
      return watchers.size();
    }

    private static Selection selection(int number) {
      return new Selection(
          number % 3 == 1 ? "a" : "",
          "",
          number % 2 == 0 ? LabelSelector.EVERYTHING : LabelSelector.parse("app=web"),
          FieldSelector.EVERYTHING,
          SelectableFields.metadata());
    }

    private void write() {
      List<StoreWrite> writes = new ArrayList<>();
      int number = random.chance(0.2) ? 3 : 1;
      List<String> used = new ArrayList<>();
      for (int i = 0; i < number; i++) {
        GroupResource resource = random.chance(0.8) ? PODS : LEASES;
        ObjectKey key = new ObjectKey(random.chance(0.5) ? "a" : "b", "n" + random.below(8));
        String name = StoreKeys.key(resource, key);
        if (used.contains(name)) {
          continue;
        }
        used.add(name);
        if (random.chance(0.3)) {
          writes.add(new StoreWrite.Delete(name, StoreWrite.ANY));
        } else {
          writes.add(new StoreWrite.Put(name, StoreWrite.ANY, object(key), 0));
        }
      }
      store.commit(writes);
    }

    private byte[] object(ObjectKey key) {
      String label = random.chance(0.5) ? "web" : "db";
      return ("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\""
              + key.name()
              + "\",\"namespace\":\""
              + key.namespace()
              + "\",\"labels\":{\"app\":\""
              + label
              + "\"}}}")
          .getBytes(StandardCharsets.UTF_8);
    }

    private void step() throws InterruptedException {
      try {
        feed.step(Duration.ZERO);
      } catch (StoreUnavailableException e) {
        // The next step opens another stream.
      }
    }

    private Map<String, Long> truth(Watcher watcher) {
      Map<String, Long> truth = new TreeMap<>();
      String prefix = StoreKeys.prefix(PODS);
      for (StoredValue value : store.range(prefix, StoreKeys.end(prefix), 0, 1000).values()) {
        ObjectKey key = Objects.requireNonNull(StoreKeys.parse(value.key())).object();
        CachedObject object = CachedObject.of(key, value.bytes(), value.revision());
        if (object.isIn(watcher.selection)) {
          truth.put(key.toString(), value.revision());
        }
      }
      return truth;
    }
  }

  /** A client: lists, watches from there, resumes where it was dropped. */
  private static final class Watcher {
    private final Simulation simulation;
    private final Selection selection;
    private final Map<String, Long> copy = new TreeMap<>();
    private @Nullable Subscription subscription;
    private long last;

    Watcher(Simulation simulation, Selection selection) {
      this.simulation = simulation;
      this.selection = selection;
      list();
    }

    private ResourceCache cache() {
      return simulation.feed.cache(PODS);
    }

    private void list() {
      CacheList list = cache().list(selection);
      assertThat(list.revision()).as("a list never goes back").isGreaterThanOrEqualTo(last);
      copy.clear();
      list.objects().forEach(object -> copy.put(object.key().toString(), object.revision()));
      last = list.revision();
      subscription = cache().watchFrom(last, selection, () -> {});
      assertThat(subscription).as("a watch from a fresh list").isNotNull();
    }

    void read(int most) {
      for (int i = 0; i < most; i++) {
        Subscription open = subscription;
        if (open == null) {
          return;
        }
        switch (open.next()) {
          case Subscription.Next.Event event -> apply(event.delivery());
          case Subscription.Next.Idle idle -> {
            assertThat(idle.revision()).isGreaterThanOrEqualTo(last);
            last = idle.revision();
            return;
          }
          case Subscription.Next.Dropped dropped -> {
            open.close();
            subscription = cache().watchFrom(last, selection, () -> {});
            if (subscription == null) {
              list();
            }
          }
        }
      }
    }

    private void apply(Delivery delivery) {
      CachedObject object = delivery.object();
      String name = object.key().toString();
      assertThat(object.revision()).as("order of %s", name).isGreaterThanOrEqualTo(last);
      switch (delivery.type()) {
        case ADDED -> assertThat(copy.put(name, object.revision())).as(name).isNull();
        case MODIFIED ->
            assertThat(copy.put(name, object.revision()))
                .as(name)
                .isNotNull()
                .isLessThan(object.revision());
        case DELETED -> assertThat(copy.remove(name)).as(name).isNotNull();
        case BOOKMARK, ERROR -> throw new AssertionError(delivery.type() + " from the cache");
      }
      assertThat(new String(object.json(), StandardCharsets.UTF_8))
          .contains("\"resourceVersion\":\"" + object.revision() + "\"");
      last = object.revision();
    }
  }
}
