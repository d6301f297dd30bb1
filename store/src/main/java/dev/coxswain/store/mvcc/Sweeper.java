package dev.coxswain.store.mvcc;

import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives back the memory of what compactions made superfluous, beside the writer and the readers;
 * one caller at a time.
 */
final class Sweeper {
  private final ConcurrentNavigableMap<byte[], KeyHistory> index;
  private final RevisionLog log;
  private final ValueSegments values;
  private final AtomicLong bytes;
  private volatile long swept;

  /**
   * Sweeps a keyspace.
   *
   * @param bytes what the keyspace takes, from which it subtracts
   */
  Sweeper(
      ConcurrentNavigableMap<byte[], KeyHistory> index,
      RevisionLog log,
      ValueSegments values,
      AtomicLong bytes) {
    this.index = index;
    this.log = log;
    this.values = values;
    this.bytes = bytes;
  }

  /** The revision up to which it has swept. */
  long swept() {
    return swept;
  }

  /** What lay below a revision was left out when the keyspace was loaded. */
  void startAt(long revision) {
    swept = revision;
  }

  /** Frees what a compaction at a revision made superfluous. */
  void sweep(long upTo) {
    // The last swept revision again: a tombstone there was spared, see below.
    for (long at = upTo; at >= swept; at--) {
      KeyVersion[] written = log.at(at);
      for (int i = written.length - 1; i >= 0; i--) {
        sweep(written[i], upTo);
      }
    }
    swept = upTo;
    if (values.worthMoving()) {
      index.values().forEach(this::gather);
    }
  }

  // Newest revision first, so the first version met of each key is the one to keep.
  private void sweep(KeyVersion kept, long upTo) {
    if (kept.swept()) {
      return;
    }
    // Watches may still start at the compacted revision itself: its tombstones are events to them.
    boolean spared = kept.deleted() && kept.modRevision() == upTo;
    if (!spared) {
      kept.markSwept();
    }
    KeyVersion old = kept.previous();
    kept.cutPrevious();
    while (old != null) {
      KeyVersion before = old.previous();
      old.markSwept();
      old.cutPrevious();
      bytes.addAndGet(-old.bytes());
      ValueSegments.Value place = old.place();
      if (place != null) {
        values.drop(place);
      }
      old = before;
    }
    if (spared || !kept.deleted()) {
      return;
    }
    KeyHistory history = index.get(kept.key());
    if (history == null) {
      return;
    }
    if (history.closeAt(kept)) {
      index.remove(kept.key(), history);
      bytes.addAndGet(-(Keyspace.KEY_OVERHEAD_BYTES + (long) kept.key().length));
    } else {
      history.unlink(kept);
    }
    bytes.addAndGet(-kept.bytes());
  }

  // Most of what lay beside these values is superseded: they move together, and leave it alone.
  private void gather(KeyHistory history) {
    for (KeyVersion version = history.newest(); version != null; version = version.previous()) {
      ValueSegments.Value place = version.place();
      if (place != null && values.isSparse(place)) {
        version.moveTo(values.move(place));
      }
    }
  }
}
