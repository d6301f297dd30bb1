package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.runtime.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class FollowerTest {
  private static final GroupResource RESOURCE = new GroupResource("", "configmaps");

  private final MemoryStore store = new MemoryStore();

  private void put(int index) {
    ObjectKey key = new ObjectKey("default", "cm-" + index);
    byte[] object =
        ("{\"metadata\":{\"namespace\":\"default\",\"name\":\"" + key.name() + "\"}}")
            .getBytes(StandardCharsets.UTF_8);
    store.commit(
        List.of(new StoreWrite.Put(StoreKeys.key(RESOURCE, key), StoreWrite.ANY, object, 0)));
  }

  @Test
  void aLookThatFailsIsTakenAgain() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        WatchCache cache = new WatchCache(store, new SystemTime(), threads)) {
      put(0);
      cache.start();
      try (Follower follower = new Follower("failing", cache, RESOURCE, new SystemTime())) {
        AtomicInteger looks = new AtomicInteger();
        follower.start(() -> {
          if (looks.incrementAndGet() == 1) {
            throw new IllegalStateException("not today");
          }
          return true;
        });
        await().until(() -> looks.get() == 2);
        assertThat(cache.watchers()).containsEntry(RESOURCE, 1);
      }
      await().untilAsserted(() -> assertThat(cache.watchers()).containsEntry(RESOURCE, 0));
    }
  }

  @Test
  void whoWasTooSlowIsWokenAgain() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        WatchCache cache = new WatchCache(store, new SystemTime(), threads);
        Follower follower = new Follower("slow", cache, RESOURCE, new SystemTime())) {
      CountDownLatch tooMuch = new CountDownLatch(1);
      AtomicInteger looks = new AtomicInteger();
      put(0);
      cache.start();
      follower.start(() -> {
        looks.incrementAndGet();
        try {
          tooMuch.await();
        } catch (InterruptedException closed) {
          Thread.currentThread().interrupt();
        }
        return true;
      });
      await().until(() -> looks.get() == 1);
      for (int index = 1; index <= Subscription.MAX_PENDING + 1; index++) {
        put(index);
      }
      await().until(() -> cache.applied(RESOURCE) >= store.revision());
      tooMuch.countDown();
      await().until(() -> looks.get() == 2);
      put(0);
      await().until(() -> looks.get() == 3);
    }
  }
}
