package dev.coxswain.store.watch;

import dev.coxswain.proto.etcd.Event;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.KeyVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * One watch of a stream. What it has seen is one number, the next revision it needs: history lies
 * in the keyspace, so a watch that cannot be served now holds no memory for what it misses.
 */
final class Watcher {
  /** Events that may wait for their client; with more of them, or more bytes, it does not read. */
  private static final int MOST_PENDING = 256;

  private static final long PENDING_BYTES = 256 << 10;

  private final WatchStream stream;
  private final long id;
  private final KeyRange range;
  private final WatchOptions options;
  private final List<Event> pending = new ArrayList<>();
  private long nextRevision;
  private long pendingRevision;
  private long pendingBytes;
  private boolean idleSinceProgress = true;

  /** How a watch wants its events. */
  record WatchOptions(
      boolean puts, boolean deletes, boolean previous, boolean progress, boolean fragment) {}

  Watcher(WatchStream stream, long id, KeyRange range, WatchOptions options, long nextRevision) {
    this.stream = stream;
    this.id = id;
    this.range = range;
    this.options = options;
    this.nextRevision = nextRevision;
  }

  WatchStream stream() {
    return stream;
  }

  long id() {
    return id;
  }

  KeyRange range() {
    return range;
  }

  WatchOptions options() {
    return options;
  }

  /** The first revision whose events were not yet handed over. */
  long nextRevision() {
    return nextRevision;
  }

  void seenUpTo(long revision) {
    nextRevision = Math.max(nextRevision, revision + 1);
  }

  boolean wants(KeyVersion version) {
    return version.modRevision() >= nextRevision
        && (version.deleted() ? options.deletes() : options.puts());
  }

  /** Collects an event. */
  void add(Event event, long revision) {
    pendingRevision = pending.isEmpty() ? revision : pendingRevision;
    pendingBytes += event.getSerializedSize();
    pending.add(event);
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  boolean hasMuchPending() {
    return pending.size() > MOST_PENDING || pendingBytes > PENDING_BYTES;
  }

  /** Takes what was collected. */
  List<Event> takePending() {
    List<Event> taken = List.copyOf(pending);
    pending.clear();
    pendingBytes = 0;
    idleSinceProgress = false;
    return taken;
  }

  /** Forgets what was collected: it will be read again from history. */
  void dropPending() {
    pending.clear();
    pendingBytes = 0;
    nextRevision = Math.max(nextRevision, pendingRevision);
  }

  /** Whether nothing was sent since this was last asked. */
  boolean takeIdle() {
    boolean idle = idleSinceProgress;
    idleSinceProgress = true;
    return idle;
  }
}
