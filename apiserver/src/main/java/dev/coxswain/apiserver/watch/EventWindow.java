package dev.coxswain.apiserver.watch;

import java.util.ArrayList;
import java.util.List;

/**
 * The recent changes of a resource, from which a watch resumes. Bounded by number and by bytes; the
 * oldest go first. Not thread-safe.
 */
final class EventWindow {
  /** How many changes are kept at most. */
  static final int MAX_EVENTS = 4096;

  /** How many bytes of objects are kept at most; one change is always kept. */
  static final long MAX_BYTES = 16L << 20;

  private final int maxEvents;
  private final long maxBytes;
  private CacheEvent[] ring = new CacheEvent[16];
  private int first;
  private int size;
  private long bytes;
  // Every change after this revision is here.
  private long floor;

  EventWindow(long floor) {
    this(floor, MAX_EVENTS, MAX_BYTES);
  }

  EventWindow(long floor, int maxEvents, long maxBytes) {
    this.floor = floor;
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
  }

  void add(CacheEvent event) {
    while (size == maxEvents || (size > 0 && bytes + event.weight() > maxBytes)) {
      removeFirst();
    }
    if (size == ring.length) {
      grow();
    }
    ring[(first + size) % ring.length] = event;
    size++;
    bytes += event.weight();
  }

  /** Whether every change after the revision is still here. */
  boolean reachesBackTo(long revision) {
    return revision >= floor;
  }

  /** The revision after which every change is here. */
  long floor() {
    return floor;
  }

  /** The changes after a revision, oldest first. */
  List<CacheEvent> after(long revision) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).revision() <= revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    List<CacheEvent> events = new ArrayList<>(size - low);
    for (int i = low; i < size; i++) {
      events.add(at(i));
    }
    return events;
  }

  private CacheEvent at(int position) {
    return ring[(first + position) % ring.length];
  }

  private void removeFirst() {
    CacheEvent gone = ring[first];
    floor = gone.revision();
    bytes -= gone.weight();
    @SuppressWarnings("NullAway") // Only cells between first and first + size are ever read.
    CacheEvent nothing = null;
    ring[first] = nothing;
    first = (first + 1) % ring.length;
    size--;
  }

  private void grow() {
    CacheEvent[] larger = new CacheEvent[Math.min(maxEvents, ring.length * 2)];
    for (int i = 0; i < size; i++) {
      larger[i] = at(i);
    }
    ring = larger;
    first = 0;
  }
}
