package dev.coxswain.store.watch;

import java.util.HashMap;
import java.util.Map;

/** One client's stream with all its watches. Owned by the hub's thread. */
public final class WatchStream {
  private final WatchSink sink;
  private final Map<Long, Watcher> watchers = new HashMap<>();
  private long nextId;

  WatchStream(WatchSink sink) {
    this.sink = sink;
  }

  WatchSink sink() {
    return sink;
  }

  Map<Long, Watcher> watchers() {
    return watchers;
  }

  long freeId() {
    while (watchers.containsKey(nextId)) {
      nextId++;
    }
    return nextId++;
  }
}
