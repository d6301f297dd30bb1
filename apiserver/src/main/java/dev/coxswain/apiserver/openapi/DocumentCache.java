package dev.coxswain.apiserver.openapi;

import dev.coxswain.apiserver.discovery.Document;
import java.lang.ref.SoftReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Documents that are made when they are first asked for, and given up again when memory is short or
 * something else is served. One is made at a time, since many are asked for at once and each takes
 * memory.
 */
final class DocumentCache<K> {
  private final LongSupplier generation;
  private final ReentrantLock making = new ReentrantLock();
  private volatile State<K> state = new State<>(0, new ConcurrentHashMap<>());

  private record State<K>(long generation, Map<K, SoftReference<Document>> documents) {}

  /**
   * An empty cache.
   *
   * @param generation grows whenever documents may have changed
   */
  DocumentCache(LongSupplier generation) {
    this.generation = generation;
  }

  Document get(K key, Supplier<Document> maker) {
    Document known = known(key);
    if (known != null) {
      return known;
    }
    making.lock();
    try {
      // Whoever waited for the lock finds it made.
      known = known(key);
      return known != null ? known : make(key, maker);
    } finally {
      making.unlock();
    }
  }

  private @Nullable Document known(K key) {
    State<K> current = state;
    SoftReference<Document> reference =
        current.generation == generation.getAsLong() ? current.documents.get(key) : null;
    return reference == null ? null : reference.get();
  }

  private Document make(K key, Supplier<Document> maker) {
    long before = generation.getAsLong();
    Document made = maker.get();
    if (state.generation != before) {
      state = new State<>(before, new ConcurrentHashMap<>());
    }
    state.documents.put(key, new SoftReference<>(made));
    return made;
  }
}
