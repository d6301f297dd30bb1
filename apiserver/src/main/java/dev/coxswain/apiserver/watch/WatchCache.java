package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import dev.coxswain.runtime.time.Time;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The caches of all resources, kept current from each store that keeps some of them. */
public final class WatchCache implements ObjectView, AutoCloseable {
  private final Store store;
  private final Map<Store, FeedLoop> loops = new LinkedHashMap<>();

  /** A cache that is empty until it is started. */
  public WatchCache(Store store, Time time, Executor executor) {
    this.store = store;
    for (Store part : store.parts()) {
      loops.put(
          part,
          new FeedLoop(part, resource -> store.holding(resource).equals(part), time, executor));
    }
  }

  /** Starts the threads. */
  public void start() {
    loops.values().forEach(FeedLoop::start);
  }

  private FeedLoop loop(GroupResource resource) {
    return Objects.requireNonNull(loops.get(store.holding(resource)));
  }

  private ResourceCache cache(GroupResource resource) {
    return loop(resource).feed().cache(resource);
  }

  /** Whether the caches have been filled. */
  public boolean ready() {
    return loops.values().stream().allMatch(loop -> loop.feed().loaded());
  }

  /**
   * What keeps the caches from following each of the stores, the main one first; empty where
   * nothing does.
   */
  public List<Supplier<Optional<String>>> problems() {
    return loops.values().stream().<Supplier<Optional<String>>>map(loop -> loop::problem).toList();
  }

  /** Every change of what is kept with the resource, up to this revision, is in the caches. */
  public long applied(GroupResource resource) {
    return loop(resource).applied();
  }

  /**
   * Waits until the caches hold everything of the resource, and of what is kept with it, that was
   * acknowledged before the call; false when they are too far behind, and the reader should go to
   * the store itself.
   */
  public boolean awaitCurrent(GroupResource resource) throws InterruptedException {
    try (var _ = RequestTrace.enter(Stage.CACHE)) {
      return loop(resource).awaitCurrent();
    }
  }

  /**
   * Waits until the cache of a resource has reached the revision of a change of another; false when
   * it is too far behind. Where they are kept in different stores, whose revisions say nothing of
   * each other, it waits for what is current.
   */
  public boolean await(GroupResource resource, GroupResource other, long revision)
      throws InterruptedException {
    FeedLoop loop = loop(resource);
    try (var _ = RequestTrace.enter(Stage.CACHE)) {
      return loop.equals(loop(other)) ? loop.await(revision) : loop.awaitCurrent();
    }
  }

  /** Waits for a revision of a resource that may never come, without doubting the stream. */
  public boolean awaitGiven(GroupResource resource, long revision) throws InterruptedException {
    try (var _ = RequestTrace.enter(Stage.CACHE)) {
      return loop(resource).awaitGiven(revision);
    }
  }

  /** An object as the cache has it now. */
  public Optional<CachedObject> cached(GroupResource resource, ObjectKey key) {
    return cache(resource).find(key);
  }

  /** What is selected, as the cache has it now. */
  public CacheList cached(GroupResource resource, Selection selection) {
    return cache(resource).list(selection);
  }

  /** Starts a watch after a revision; null where its history is gone. */
  public @Nullable Subscription watchFrom(
      GroupResource resource, long revision, Selection selection, Runnable wake) {
    return cache(resource).watchFrom(revision, selection, wake);
  }

  /** Starts a watch with the current state. */
  public Subscription watchState(GroupResource resource, Selection selection, Runnable wake) {
    return cache(resource).watchState(selection, wake);
  }

  /** The revision after which every change of the resource is kept. */
  public long oldest(GroupResource resource) {
    return cache(resource).oldest();
  }

  /** How many objects each resource has. */
  public Map<GroupResource, Integer> sizes() {
    Map<GroupResource, Integer> sizes = new LinkedHashMap<>();
    caches((resource, cache) -> sizes.put(resource, cache.size()));
    return sizes;
  }

  /** How many objects a resource has; 0 for one that nobody has asked for. */
  public int size(GroupResource resource) {
    ResourceCache known = loop(resource).feed().caches().get(resource);
    return known == null ? 0 : known.size();
  }

  /** How many watchers each resource has. */
  public Map<GroupResource, Integer> watchers() {
    Map<GroupResource, Integer> watchers = new LinkedHashMap<>();
    caches((resource, cache) -> watchers.put(resource, cache.watchers()));
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
    return cache(resource).lastChange();
  }

  @Override
  public boolean catchUp(Collection<GroupResource> resources) {
    boolean current = true;
    try {
      for (FeedLoop loop : resources.stream().map(this::loop).distinct().toList()) {
        current &= loop.awaitCurrent();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
    return current;
  }

  private void caches(BiConsumer<GroupResource, ResourceCache> each) {
    loops.values().forEach(loop -> loop.feed().caches().forEach(each));
  }

  @Override
  public void close() {
    loops.values().forEach(FeedLoop::close);
  }
}
