package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of an informer: objects, indexes, handlers. One thread changes it and calls the
 * handlers, after the change is visible; any thread reads it. It holds as many objects as its
 * selection has on the server.
 */
final class ObjectCache<T extends HasMetadata> {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectCache.class);

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<ObjectKey, T> objects = new HashMap<>();
  private final Map<String, Index<T>> indexes = new HashMap<>();
  private final List<Informer.Handler<T>> handlers = new ArrayList<>();

  private record Index<T>(
      Informer.IndexFunction<T> function, Map<String, Map<ObjectKey, T>> entries) {}

  void handle(Informer.Handler<T> handler) {
    handlers.add(handler);
  }

  void index(String name, Informer.IndexFunction<T> function) {
    indexes.put(name, new Index<>(function, new HashMap<>()));
  }

  Optional<T> find(ObjectKey key) {
    return read(() -> Optional.ofNullable(objects.get(key)));
  }

  Collection<T> all() {
    return read(() -> List.copyOf(objects.values()));
  }

  Collection<T> byIndex(String name, String value) {
    Index<T> index = indexes.get(name);
    if (index == null) {
      throw new IllegalArgumentException("no index named " + name + " was registered");
    }
    return read(() -> List.copyOf(index.entries().getOrDefault(value, Map.of()).values()));
  }

  /** Makes the content equal to a list, telling the handlers the differences. */
  void replace(List<T> items) {
    Map<ObjectKey, T> wanted = LinkedHashMap.newLinkedHashMap(items.size());
    items.forEach(item -> wanted.put(ResourceModel.key(item), item));
    Set<ObjectKey> gone = new HashSet<>(objects.keySet());
    gone.removeAll(wanted.keySet());
    gone.forEach(this::remove);
    wanted.values().forEach(this::put);
    tell(Informer.Handler::listed);
  }

  void apply(WatchEvent<T> event) {
    switch (event) {
      case WatchEvent.Added<T> added -> put(added.object());
      case WatchEvent.Modified<T> modified -> put(modified.object());
      case WatchEvent.Deleted<T> deleted -> {
        // The last state is the event's, so that a handler sees what the deletion saw.
        ObjectKey key = ResourceModel.key(deleted.object());
        if (objects.containsKey(key)) {
          change(key, null);
          tell(handler -> handler.deleted(deleted.object()));
        }
      }
      case WatchEvent.Bookmark<T> ignored -> {}
    }
  }

  private void put(T object) {
    ObjectKey key = ResourceModel.key(object);
    T before = objects.get(key);
    if (before == null) {
      change(key, object);
      tell(handler -> handler.added(object));
      return;
    }
    if (sameField(
        before.getMetadata().getResourceVersion(), object.getMetadata().getResourceVersion())) {
      return;
    }
    change(key, object);
    if (sameField(before.getMetadata().getUid(), object.getMetadata().getUid())) {
      tell(handler -> handler.updated(before, object));
    } else {
      // Deleted and made again while nobody watched: two objects, so two events.
      tell(handler -> handler.deleted(before));
      tell(handler -> handler.added(object));
    }
  }

  private static boolean sameField(@Nullable String one, @Nullable String two) {
    return one != null && one.equals(two);
  }

  private void remove(ObjectKey key) {
    T last = objects.get(key);
    change(key, null);
    if (last != null) {
      tell(handler -> handler.deleted(last));
    }
  }

  private void change(ObjectKey key, @Nullable T after) {
    lock.writeLock().lock();
    try {
      T before = after == null ? objects.remove(key) : objects.put(key, after);
      for (Index<T> index : indexes.values()) {
        if (before != null) {
          for (String value : index.function().values(before)) {
            Map<ObjectKey, T> entry = index.entries().get(value);
            if (entry != null && entry.remove(key) != null && entry.isEmpty()) {
              index.entries().remove(value);
            }
          }
        }
        if (after != null) {
          for (String value : index.function().values(after)) {
            index.entries().computeIfAbsent(value, ignored -> new HashMap<>()).put(key, after);
          }
        }
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** A handler that fails must not keep the others, or the next event, from being told. */
  private void tell(Consumer<Informer.Handler<T>> event) {
    for (Informer.Handler<T> handler : handlers) {
      try {
        event.accept(handler);
      } catch (RuntimeException e) {
        LOG.error("an informer's handler failed: {}", handler.getClass().getName(), e);
      }
    }
  }

  private <R> R read(Supplier<R> reader) {
    lock.readLock().lock();
    try {
      return reader.get();
    } finally {
      lock.readLock().unlock();
    }
  }
}
