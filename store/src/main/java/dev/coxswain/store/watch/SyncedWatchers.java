package dev.coxswain.store.watch;

import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.mvcc.Keyspace;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The watches that have seen everything so far, found by the key that changed: single keys by a
 * look-up, ranges by walking those that start at or before the key.
 */
final class SyncedWatchers {
  private final TreeMap<byte[], List<Watcher>> singles = new TreeMap<>(Keyspace.KEY_ORDER);
  private final TreeMap<byte[], List<Watcher>> ranges = new TreeMap<>(Keyspace.KEY_ORDER);
  private int size;

  int size() {
    return size;
  }

  void add(Watcher watcher) {
    place(watcher)
        .computeIfAbsent(watcher.range().start(), ignored -> new ArrayList<>(1))
        .add(watcher);
    size++;
  }

  /** Takes a watch out; false when it was not in. */
  boolean remove(Watcher watcher) {
    NavigableMap<byte[], List<Watcher>> place = place(watcher);
    List<Watcher> same = place.get(watcher.range().start());
    if (same == null || !same.remove(watcher)) {
      return false;
    }
    if (same.isEmpty()) {
      place.remove(watcher.range().start());
    }
    size--;
    return true;
  }

  private NavigableMap<byte[], List<Watcher>> place(Watcher watcher) {
    return watcher.range().isSingle() ? singles : ranges;
  }

  void forEachInterested(KeyVersion version, Consumer<Watcher> action) {
    List<Watcher> exact = singles.get(version.key());
    if (exact != null) {
      exact.forEach(action);
    }
    for (List<Watcher> sameStart : ranges.headMap(version.key(), true).values()) {
      for (Watcher watcher : sameStart) {
        if (watcher.range().contains(version.key())) {
          action.accept(watcher);
        }
      }
    }
  }

  void forEach(Consumer<Watcher> action) {
    singles.values().forEach(same -> same.forEach(action));
    ranges.values().forEach(same -> same.forEach(action));
  }

  List<Watcher> takeAll() {
    List<Watcher> all = new ArrayList<>(size);
    forEach(all::add);
    singles.clear();
    ranges.clear();
    size = 0;
    return all;
  }
}
