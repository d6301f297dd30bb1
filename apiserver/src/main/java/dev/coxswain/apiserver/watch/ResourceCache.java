package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All objects of one resource, their recent changes, and who watches them. One thread changes it
 * ({@link StoreFeed}'s); any may read. The lock is held for steps in memory only.
 */
final class ResourceCache {
  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<String, CachedObject> objects = new TreeMap<>();
  private final Set<Subscription> subscriptions = new LinkedHashSet<>();
  private final LongSupplier applied;
  private EventWindow window;
  private volatile long lastChange;

  /**
   * An empty cache.
   *
   * @param revision since when every change has been seen
   * @param applied the revision up to which changes have been put in
   */
  ResourceCache(long revision, LongSupplier applied) {
    this.window = new EventWindow(revision);
    this.applied = applied;
    this.lastChange = revision;
  }

  /** How objects are ordered, which is the order of the store's keys. */
  static String path(ObjectKey key) {
    return key.namespace().isEmpty() ? key.name() : key.namespace() + "/" + key.name();
  }

  /**
   * One change of one object.
   *
   * @param key its name
   * @param stored its new state as it is stored; null for a deletion
   * @param revision the revision of the change
   */
  @SuppressWarnings("ArrayRecordComponent") // Shared, never compared.
  record Change(ObjectKey key, byte @Nullable [] stored, long revision) {}

  /**
   * Takes in the changes that one revision made to this resource, which readers see as one, and
   * tells the watchers.
   */
  void apply(List<Change> changes) {
    lock.lock();
    try {
      List<CacheEvent> events = new ArrayList<>(changes.size());
      for (Change change : changes) {
        CacheEvent event = event(change);
        if (event != null) {
          window.add(event);
          lastChange = event.revision();
          events.add(event);
        }
      }
      for (Subscription subscription : subscriptions) {
        subscription.offer(events);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes the change; null where there was nothing to delete. */
  private @Nullable CacheEvent event(Change change) {
    byte[] stored = change.stored();
    if (stored != null) {
      CachedObject object = CachedObject.of(change.key(), stored, change.revision());
      return new CacheEvent(object, objects.put(path(change.key()), object), false);
    }
    CachedObject previous = objects.remove(path(change.key()));
    return previous == null ? null : new CacheEvent(previous.at(change.revision()), previous, true);
  }

  /** Replaces everything, after changes have been missed: the watchers must begin again. */
  void reset(Collection<CachedObject> state, long revision) {
    lock.lock();
    try {
      for (Subscription subscription : subscriptions) {
        subscription.drop(Subscription.Reason.RESET);
      }
      subscriptions.clear();
      objects.clear();
      for (CachedObject object : state) {
        objects.put(path(object.key()), object);
      }
      window = new EventWindow(revision);
      lastChange = revision;
    } finally {
      lock.unlock();
    }
  }

  Optional<CachedObject> find(ObjectKey key) {
    lock.lock();
    try {
      return Optional.ofNullable(objects.get(path(key)));
    } finally {
      lock.unlock();
    }
  }

  long lastChange() {
    return lastChange;
  }

  int size() {
    lock.lock();
    try {
      return objects.size();
    } finally {
      lock.unlock();
    }
  }

  /** What is selected now, with the revision as of which it is. */
  CacheList list(Selection selection) {
    List<CachedObject> candidates;
    long revision;
    lock.lock();
    try {
      revision = Math.max(applied.getAsLong(), lastChange);
      candidates = candidates(selection);
    } finally {
      lock.unlock();
    }
    return new CacheList(revision, selected(candidates, selection));
  }

  private List<CachedObject> candidates(Selection selection) {
    if (!selection.namespace().isEmpty() && !selection.name().isEmpty()) {
      CachedObject only = objects.get(path(new ObjectKey(selection.namespace(), selection.name())));
      return only == null ? List.of() : List.of(only);
    }
    Map<String, CachedObject> range =
        selection.namespace().isEmpty()
            ? objects
            : objects.subMap(selection.namespace() + "/", selection.namespace() + "0");
    return new ArrayList<>(range.values());
  }

  private static List<CachedObject> selected(List<CachedObject> candidates, Selection selection) {
    if (selection.everything()) {
      return candidates;
    }
    List<CachedObject> selected = new ArrayList<>();
    for (CachedObject object : candidates) {
      if (object.isIn(selection)) {
        selected.add(object);
      }
    }
    return selected;
  }

  /**
   * Starts a watch with every change after a revision; null where not all of them are kept.
   *
   * @param wake called, from any thread, when there is something after an idle answer
   */
  @Nullable Subscription watchFrom(long revision, Selection selection, Runnable wake) {
    lock.lock();
    try {
      if (!window.reachesBackTo(revision)) {
        return null;
      }
      Iterator<Delivery> missed =
          window.after(revision).stream()
              .map(event -> event.seenBy(selection))
              .filter(Objects::nonNull)
              .iterator();
      return subscribe(missed, selection, wake);
    } finally {
      lock.unlock();
    }
  }

  /** Starts a watch with the current state, told as added objects. */
  Subscription watchState(Selection selection, Runnable wake) {
    lock.lock();
    try {
      Iterator<Delivery> state =
          candidates(selection).stream()
              .filter(object -> object.isIn(selection))
              .map(object -> new Delivery(EventType.ADDED, object, null))
              .iterator();
      return subscribe(state, selection, wake);
    } finally {
      lock.unlock();
    }
  }

  private Subscription subscribe(Iterator<Delivery> first, Selection selection, Runnable wake) {
    Subscription subscription = new Subscription(this, selection, first, lastChange, applied, wake);
    subscriptions.add(subscription);
    return subscription;
  }

  void remove(Subscription subscription) {
    lock.lock();
    try {
      subscriptions.remove(subscription);
    } finally {
      lock.unlock();
    }
  }

  /** The revision after which every change is kept. */
  long oldest() {
    lock.lock();
    try {
      return window.floor();
    } finally {
      lock.unlock();
    }
  }

  int watchers() {
    lock.lock();
    try {
      return subscriptions.size();
    } finally {
      lock.unlock();
    }
  }
}
