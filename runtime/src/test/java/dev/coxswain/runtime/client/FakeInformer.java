package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An informer without a thread: it lists when it is started, and an event arrives when the test
 * delivers it, on the test's thread.
 */
public final class FakeInformer<T extends HasMetadata> implements Informer<T> {
  private final ResourceModel<T> model;
  private final String namespace;
  private final ListOptions options;
  private final FakeStore store;
  private final ObjectCache<T> cache = new ObjectCache<>();
  private @Nullable FakeWatch<T> watch;

  FakeInformer(ResourceModel<T> model, String namespace, ListOptions options, FakeStore store) {
    this.model = model;
    this.namespace = namespace;
    this.options = options;
    this.store = store;
  }

  @Override
  public void start() {
    relist();
  }

  /** Lists afresh, as after an expired watch: changes in between collapse into one. */
  public void relist() {
    var client =
        new FakeResourceClient<>(
            model, store, Randomness.seeded(0), () -> FakeFaults.NONE, () -> {});
    ObjectList<T> list = client.list(namespace, options);
    watch =
        new FakeWatch<>(model, namespace, options, store, Long.parseLong(list.resourceVersion()));
    cache.replace(list.items());
  }

  /** Delivers the next event; false when none waits (or before the start). */
  public boolean deliver() {
    if (watch == null) {
      return false;
    }
    WatchEvent<T> event;
    try {
      event = watch.poll();
    } catch (ApiException expired) {
      relist();
      return true;
    }
    if (event == null) {
      return false;
    }
    cache.apply(event);
    return true;
  }

  /** Whether an event waits. */
  public boolean waits() {
    try {
      return watch != null && watch.waits();
    } catch (ApiException expired) {
      return true;
    }
  }

  @Override
  public boolean awaitSync(Duration timeout) {
    return watch != null;
  }

  @Override
  public Optional<T> find(ObjectKey key) {
    return cache.find(key);
  }

  @Override
  public Collection<T> all() {
    return cache.all();
  }

  @Override
  public Collection<T> byIndex(String index, String value) {
    return cache.byIndex(index, value);
  }

  @Override
  public void handle(Handler<T> handler) {
    cache.handle(handler);
  }

  @Override
  public void index(String name, IndexFunction<T> function) {
    cache.index(name, function);
  }

  /** Delivers nothing any more. */
  @Override
  public void close() {
    watch = null;
  }
}
