package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.storage.CompactedException;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreChange;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StorePage;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.storage.StoreWatch;
import dev.coxswain.apiserver.storage.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store's changes into the caches: one stream over the whole store, so that one number
 * says how far every cache has come. The core of the watch cache: {@link #step} is called by one
 * thread, or by a simulation.
 */
final class StoreFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreFeed.class);

  /** How many objects are read at once at the start. */
  private static final int PAGE = 500;

  private final Store store;
  private final Predicate<GroupResource> own;
  private final Progress progress;
  private final Map<GroupResource, ResourceCache> caches = new ConcurrentHashMap<>();
  // Held while all are filled: one that was made meanwhile, empty and as of the revision that the
  // others have then, would be taken for what there is until the next change.
  private final ReentrantLock making = new ReentrantLock();
  private final AtomicBoolean reconnect = new AtomicBoolean();
  private volatile @Nullable StoreWatch stream;
  // The revision since when every change has been seen; 0 before the first load.
  private volatile long loadedAt;

  /** Brings in what the store has of its own resources, and passes by what else is there. */
  StoreFeed(Store store, Predicate<GroupResource> own, Progress progress) {
    this.store = store;
    this.own = own;
    this.progress = progress;
  }

  /** The cache of a resource; made, empty, when the store holds nothing of it. */
  ResourceCache cache(GroupResource resource) {
    ResourceCache known = caches.get(resource);
    if (known != null) {
      return known;
    }
    making.lock();
    try {
      return caches.computeIfAbsent(resource, _ -> new ResourceCache(loadedAt, progress::applied));
    } finally {
      making.unlock();
    }
  }

  Map<GroupResource, ResourceCache> caches() {
    return caches;
  }

  /** Whether the caches have been filled once. */
  boolean loaded() {
    return loadedAt > 0;
  }

  /** Makes the next step open a new stream: this one is behind for too long. */
  void reconnect() {
    reconnect.set(true);
  }

  /**
   * Does what is next: load everything, open the stream, or wait for changes and bring them in.
   *
   * @throws StoreUnavailableException when the store does not answer; step again later
   */
  void step(Duration wait) throws InterruptedException {
    if (loadedAt == 0) {
      load();
    }
    if (reconnect.getAndSet(false)) {
      closeStream();
    }
    StoreWatch open = stream;
    if (open == null) {
      open = store.watch(progress.applied() + 1);
      stream = open;
    }
    try {
      apply(open.next(wait));
    } catch (CompactedException e) {
      log.warn("the store compacted what this server has not seen; loading everything again");
      closeStream();
      load();
    } catch (StoreUnavailableException e) {
      closeStream();
      throw e;
    }
  }

  private void apply(List<StoreChange> changes) {
    if (changes.isEmpty()) {
      return;
    }
    List<ResourceCache.Change> together = new ArrayList<>();
    @Nullable GroupResource resource = null;
    for (StoreChange change : changes) {
      StoreKeys.Parsed name = StoreKeys.parse(change.key());
      // A stream that was opened again never repeats, but a late load may be ahead of it.
      if (name == null || !own.test(name.resource()) || change.revision() <= loadedAt) {
        continue;
      }
      if (!together.isEmpty()
          && !(name.resource().equals(resource)
              && together.getFirst().revision() == change.revision())) {
        cache(Objects.requireNonNull(resource)).apply(together);
        together.clear();
      }
      resource = name.resource();
      together.add(
          switch (change) {
            case StoreChange.Put put ->
                new ResourceCache.Change(name.object(), put.value().bytes(), change.revision());
            case StoreChange.Delete delete ->
                new ResourceCache.Change(name.object(), null, delete.revision());
          });
    }
    if (resource != null) {
      cache(resource).apply(together);
    }
    progress.advance(changes.getLast().revision());
  }

  private void load() {
    Map<GroupResource, List<CachedObject>> found = new HashMap<>();
    String from = StoreKeys.ROOT;
    long revision = 0;
    StorePage page;
    do {
      // All pages as of the revision of the first one.
      page = store.range(from, StoreKeys.end(StoreKeys.ROOT), revision, PAGE);
      revision = page.revision();
      for (StoredValue value : page.values()) {
        StoreKeys.Parsed name = StoreKeys.parse(value.key());
        if (name != null && own.test(name.resource())) {
          found
              .computeIfAbsent(name.resource(), r -> new ArrayList<>())
              .add(CachedObject.of(name.object(), value.bytes(), value.revision()));
        }
        from = StoreKeys.after(value.key());
      }
    } while (page.more() && !page.values().isEmpty());
    making.lock();
    try {
      Set<GroupResource> resources = new HashSet<>(caches.keySet());
      resources.addAll(found.keySet());
      for (GroupResource resource : resources) {
        cache(resource).reset(found.getOrDefault(resource, List.of()), revision);
      }
      loadedAt = revision;
    } finally {
      making.unlock();
    }
    progress.advance(revision);
  }

  private void closeStream() {
    StoreWatch open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    closeStream();
  }
}
