package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** The caches of all resources, and the thread that keeps them current. */
public final class WatchCache implements ObjectView, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WatchCache.class);

  /** How long a reader waits for the cache to reach the store's revision. */
  private static final Duration CATCH_UP = Duration.ofSeconds(3);

  /** How long one step waits for changes. */
  private static final Duration STEP = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final Time time;
  private final Progress progress;
  private final StoreFeed feed;
  private final RevisionReader revisions;
  private volatile boolean closed;
  private @Nullable Thread thread;

  /** A cache that is empty until it is started. */
  public WatchCache(Store store, Time time, Executor executor) {
    this.time = time;
    this.progress = new Progress(time);
    this.feed = new StoreFeed(store, progress);
    this.revisions = new RevisionReader(store, executor);
  }

  /** Starts the thread. */
  public void start() {
    thread = Thread.ofVirtual().name("watch-cache").start(this::run);
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      try {
        feed.step(STEP);
        pause = FIRST_PAUSE;
      } catch (StoreUnavailableException e) {
        if (pause.equals(FIRST_PAUSE)) {
          log.warn("watch cache: {}; trying on", e.getMessage());
        }
        try {
          time.sleep(pause);
        } catch (InterruptedException stop) {
          return;
        }
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("watch cache: a change could not be taken in; the stream is opened again", e);
        feed.reconnect();
        pause = LONGEST_PAUSE;
      }
    }
  }

  /** Whether the caches have been filled. */
  public boolean ready() {
    return feed.loaded();
  }

  /** Every change up to this revision is in the caches. */
  public long applied() {
    return progress.applied();
  }

  /**
   * Waits until the caches hold everything that was acknowledged before the call; false when they
   * are too far behind, and the reader should go to the store itself.
   */
  public boolean awaitCurrent() throws InterruptedException {
    return await(revisions.revision());
  }

  /** Waits until the caches have reached a revision; false when they are too far behind. */
  public boolean await(long revision) throws InterruptedException {
    if (progress.await(revision, CATCH_UP)) {
      return true;
    }
    log.warn(
        "watch cache: at revision {} while {} is wanted; opening the stream again",
        progress.applied(),
        revision);
    feed.reconnect();
    return false;
  }

  /** Waits for a revision that may never come, without doubting the stream. */
  public boolean awaitGiven(long revision) throws InterruptedException {
    return progress.await(revision, CATCH_UP);
  }

  /** An object as the cache has it now. */
  public Optional<CachedObject> cached(GroupResource resource, ObjectKey key) {
    return feed.cache(resource).find(key);
  }

  /** What is selected, as the cache has it now. */
  public CacheList cached(GroupResource resource, Selection selection) {
    return feed.cache(resource).list(selection);
  }

  /** Starts a watch after a revision; null where its history is gone. */
  public @Nullable Subscription watchFrom(
      GroupResource resource, long revision, Selection selection, Runnable wake) {
    return feed.cache(resource).watchFrom(revision, selection, wake);
  }

  /** Starts a watch with the current state. */
  public Subscription watchState(GroupResource resource, Selection selection, Runnable wake) {
    return feed.cache(resource).watchState(selection, wake);
  }

  /** The revision after which every change of the resource is kept. */
  public long oldest(GroupResource resource) {
    return feed.cache(resource).oldest();
  }

  /** How many objects each resource has. */
  public Map<GroupResource, Integer> sizes() {
    Map<GroupResource, Integer> sizes = new LinkedHashMap<>();
    feed.caches().forEach((resource, cache) -> sizes.put(resource, cache.size()));
    return sizes;
  }

  /** How many objects a resource has; 0 for one that nobody has asked for. */
  public int size(GroupResource resource) {
    ResourceCache known = feed.caches().get(resource);
    return known == null ? 0 : known.size();
  }

  /** How many watchers each resource has. */
  public Map<GroupResource, Integer> watchers() {
    Map<GroupResource, Integer> watchers = new LinkedHashMap<>();
    feed.caches().forEach((resource, cache) -> watchers.put(resource, cache.watchers()));
    return watchers;
  }

  @Override
  public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
    return cached(resource, key).map(CachedObject::parse);
  }

  @Override
  public List<ObjectNode> list(GroupResource resource, String namespace) {
    return cached(resource, Selection.namespace(namespace)).objects().stream()
        .map(CachedObject::parse)
        .toList();
  }

  @Override
  public long revision(GroupResource resource) {
    return feed.cache(resource).lastChange();
  }

  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    feed.close();
  }
}
