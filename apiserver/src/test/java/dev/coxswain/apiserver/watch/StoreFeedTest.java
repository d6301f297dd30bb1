package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.runtime.time.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What readers see of the caches while they are filled. */
final class StoreFeedTest {
  private static final int ROUNDS = 200;
  private static final List<GroupResource> RESOURCES =
      IntStream.range(0, 300)
          .mapToObj(i -> new GroupResource("example.com", "things" + i))
          .toList();

  private final ExecutorService reader = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    reader.shutdownNow();
  }

  @Test
  @Timeout(60)
  void whoSeesThatTheyAreFilledFindsAllThatThereWas()
      throws InterruptedException, ExecutionException {
    MemoryStore store = new MemoryStore();
    RESOURCES.forEach(resource -> store.commit(List.of(object(resource))));
    for (int round = 0; round < ROUNDS; round++) {
      StoreFeed feed = new StoreFeed(store, _ -> true, new Progress(new ManualTime()));
      Future<List<GroupResource>> missing =
          reader.submit(() -> {
            while (!feed.loaded()) {
              Thread.onSpinWait();
            }
            return RESOURCES.stream().filter(each -> feed.cache(each).size() == 0).toList();
          });
      feed.step(Duration.ZERO);
      assertThat(missing.get()).as("round %s", round).isEmpty();
      feed.close();
    }
  }

  private static StoreWrite object(GroupResource resource) {
    byte[] json =
        "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"one\"}}"
            .getBytes(StandardCharsets.UTF_8);
    String key = StoreKeys.key(resource, new ObjectKey("", "one"));
    return new StoreWrite.Put(key, StoreWrite.ANY, json, 0);
  }
}
