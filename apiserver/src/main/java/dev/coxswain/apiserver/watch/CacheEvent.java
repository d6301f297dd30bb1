package dev.coxswain.apiserver.watch;

import org.jspecify.annotations.Nullable;

/**
 * One change of one object, shared by all watchers.
 *
 * @param object the new state; for a deletion the last state, as of the revision of the deletion
 * @param previous the state before; null for a creation
 * @param deleted whether the object is gone
 */
record CacheEvent(CachedObject object, @Nullable CachedObject previous, boolean deleted) {

  long revision() {
    return object.revision();
  }

  /** What this change is to a watcher with this selection; null where it is nothing to it. */
  @Nullable Delivery seenBy(Selection selection) {
    boolean after = !deleted && object.isIn(selection);
    @Nullable CachedObject before = previous != null && previous.isIn(selection) ? previous : null;
    if (after) {
      return new Delivery(before == null ? EventType.ADDED : EventType.MODIFIED, object, before);
    }
    if (before != null) {
      // It left the selection, so its last state within the selection is told.
      CachedObject last = deleted ? object : before.at(object.revision());
      return new Delivery(EventType.DELETED, last, before);
    }
    return null;
  }

  /** About how much memory the event keeps alive beyond the current state, in bytes. */
  int weight() {
    return object.json().length + OVERHEAD_BYTES;
  }

  private static final int OVERHEAD_BYTES = 128;
}
