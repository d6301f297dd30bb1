package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListWatchInformerTest {
  private static final Duration SYNC_DEADLINE = Duration.ofSeconds(30);

  private final FakeApi api = new FakeApi(new ManualTime(), Randomness.seeded(1));
  private final ResourceClient<ConfigMap> maps = api.resource(ConfigMap.class);
  private final Map<String, String> told = Collections.synchronizedMap(new TreeMap<>());
  private final ListWatchInformer<ConfigMap> informer =
      ListWatchInformer.of(api, ConfigMap.class, new SystemTime(), Randomness.seeded(2));

  @AfterEach
  void close() {
    informer.close();
  }

  @Test
  void listsThenFollows() throws InterruptedException {
    maps.create(map("a", "1"));
    start();
    assertThat(informer.awaitSync(SYNC_DEADLINE)).isTrue();
    assertThat(told).containsExactly(Map.entry("a", "1"));

    maps.create(map("b", "1"));
    maps.patch(new ObjectKey("default", "a"), new Patch.Merge("{\"data\":{\"k\":\"2\"}}"));
    maps.delete(new ObjectKey("default", "b"), DeleteOptions.DEFAULT);
    maps.create(map("c", "1"));

    await().until(() -> told.equals(Map.of("a", "2", "c", "1")));
    assertThat(informer.find(new ObjectKey("default", "a"))).isPresent();
    assertThat(informer.all()).hasSize(2);
  }

  @Test
  void listsAgainWhenItsVersionExpired() throws InterruptedException {
    maps.create(map("a", "1"));
    maps.create(map("b", "1"));
    start();
    assertThat(informer.awaitSync(SYNC_DEADLINE)).isTrue();

    synchronized (api) {
      maps.delete(new ObjectKey("default", "a"), DeleteOptions.DEFAULT);
      maps.create(map("c", "1"));
      api.compact();
    }

    await().until(() -> told.equals(Map.of("b", "1", "c", "1")));
  }

  @Test
  void endsInTheServersStateWhateverFails() throws InterruptedException {
    for (long seed = 1; seed <= 10; seed++) {
      var random = Randomness.seeded(seed);
      var faulty = new FakeApi(new ManualTime(), random);
      ResourceClient<ConfigMap> client = faulty.resource(ConfigMap.class);
      try (var follower = ListWatchInformer.of(faulty, ConfigMap.class, new SystemTime(), random)) {
        follower.start();
        faulty.faults(new FakeFaults(0.3, 0, 0, 0));
        for (int step = 0; step < 50; step++) {
          change(client, random, step);
          if (random.chance(0.1)) {
            faulty.compact();
          }
        }
        faulty.faults(FakeFaults.NONE);
        Map<String, String> wanted = new TreeMap<>();
        client
            .list("", ListOptions.ALL)
            .items()
            .forEach(map -> wanted.put(map.getMetadata().getName(), map.getData().get("k")));
        await("seed " + seed)
            .atMost(SYNC_DEADLINE)
            .until(() -> {
              Map<String, String> seen = new TreeMap<>();
              follower
                  .all()
                  .forEach(map -> seen.put(map.getMetadata().getName(), map.getData().get("k")));
              return seen.equals(wanted);
            });
      }
    }
  }

  private static void change(ResourceClient<ConfigMap> client, Randomness random, int step) {
    String name = "m" + random.below(5);
    try {
      if (random.chance(0.3)) {
        client.delete(new ObjectKey("default", name), DeleteOptions.DEFAULT);
      } else if (client.find(new ObjectKey("default", name)).isPresent()) {
        client.update(map(name, Integer.toString(step)));
      } else {
        client.create(map(name, Integer.toString(step)));
      }
    } catch (ApiException injected) {
      // The next step tries something else.
    }
  }

  private void start() {
    informer.handle(
        new Informer.Handler<>() {
          @Override
          public void added(ConfigMap object) {
            told.put(object.getMetadata().getName(), object.getData().get("k"));
          }

          @Override
          public void updated(ConfigMap before, ConfigMap after) {
            told.put(after.getMetadata().getName(), after.getData().get("k"));
          }

          @Override
          public void deleted(ConfigMap last) {
            told.remove(last.getMetadata().getName());
          }
        });
    informer.start();
  }

  private static ConfigMap map(String name, String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .addToData("k", value)
        .build();
  }
}
