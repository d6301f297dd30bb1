package dev.coxswain.store.mvcc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many keys exist in a range, without a visit to each: whoever lists page by page is told with
 * every page how many there are in all. The keys are cut into segments whose counts are kept; only
 * the two at the ends of a range are walked.
 *
 * <p>One thread writes. Others read meanwhile: they notice when a key came or went while they
 * looked, and have to count in another way.
 */
final class LiveCounts {
  /** With more keys than this a segment is cut in two. */
  private static final int MOST_KEYS = 512;

  private static final byte[] FIRST = {};

  private final ConcurrentSkipListMap<byte[], KeyHistory> index;

  /** By the first key that may lie in it; it ends where the next one begins. */
  private final ConcurrentSkipListMap<byte[], AtomicInteger> segments =
      new ConcurrentSkipListMap<>(Keyspace.KEY_ORDER);

  /** Keys that came or went so far, and how many of those belong to published revisions. */
  private final AtomicLong changes = new AtomicLong();

  private final AtomicLong published = new AtomicLong();

  /** Counts of the keys in an index, which is empty yet. */
  LiveCounts(ConcurrentSkipListMap<byte[], KeyHistory> index) {
    this.index = index;
    segments.put(FIRST, new AtomicInteger());
  }

  /**
   * A key is about to come or go. Told before its version can be seen: whoever walked past that
   * must notice.
   */
  void changing() {
    changes.incrementAndGet();
  }

  /** A key came into being; its newest version is in the index. */
  void born(byte[] key) {
    Map.Entry<byte[], AtomicInteger> segment = segments.floorEntry(key);
    if (segment.getValue().incrementAndGet() > MOST_KEYS) {
      split(segment.getKey(), segment.getValue());
    }
  }

  /** A key is no more. */
  void died(byte[] key) {
    Map.Entry<byte[], AtomicInteger> segment = segments.floorEntry(key);
    if (segment.getValue().decrementAndGet() == 0 && segment.getKey().length > 0) {
      segments.remove(segment.getKey());
    }
  }

  private void split(byte[] start, AtomicInteger count) {
    List<byte[]> keys = new ArrayList<>(MOST_KEYS + 1);
    for (KeyHistory history : part(start, segments.higherKey(start)).values()) {
      if (exists(history)) {
        keys.add(history.key());
      }
    }
    int half = keys.size() / 2;
    segments.put(keys.get(half), new AtomicInteger(keys.size() - half));
    count.set(half);
  }

  /** Counts all that a loaded index holds; before anybody else looks. */
  void recount() {
    segments.clear();
    AtomicInteger segment = new AtomicInteger();
    segments.put(FIRST, segment);
    for (KeyHistory history : index.values()) {
      if (exists(history)) {
        if (segment.get() == MOST_KEYS / 2) {
          segment = new AtomicInteger();
          segments.put(history.key(), segment);
        }
        segment.incrementAndGet();
      }
    }
  }

  /** A revision was published. */
  void publish() {
    published.set(changes.get());
  }

  /**
   * A count to compare with later: as long as it stays the same, counts are those of the revision
   * published last. Empty while a revision is being written that changes them.
   */
  OptionalLong stamp() {
    long stamp = published.get();
    return unchangedSince(stamp) ? OptionalLong.of(stamp) : OptionalLong.empty();
  }

  boolean unchangedSince(long stamp) {
    return changes.get() == stamp;
  }

  /** How many keys there are between two keys, the end excluded; null for no end. */
  long count(byte[] from, byte @Nullable [] end) {
    byte[] first = segments.floorKey(from);
    byte[] second = segments.higherKey(first);
    if (second == null || isUpTo(end, second)) {
      return walk(from, end);
    }
    long count = walk(from, second);
    byte[] start = second;
    for (Map.Entry<byte[], AtomicInteger> segment : segments.tailMap(second, false).entrySet()) {
      if (isUpTo(end, segment.getKey())) {
        break;
      }
      count += whole(start);
      start = segment.getKey();
    }
    return count + (end == null ? whole(start) : walk(start, end));
  }

  // One that has gone meanwhile is noticed by whoever compares the stamp.
  private long whole(byte[] start) {
    AtomicInteger count = segments.get(start);
    return count == null ? 0 : count.get();
  }

  private static boolean isUpTo(byte @Nullable [] end, byte[] key) {
    return end != null && Arrays.compareUnsigned(end, key) <= 0;
  }

  private long walk(byte[] from, byte @Nullable [] end) {
    long count = 0;
    for (KeyHistory history : part(from, end).values()) {
      count += exists(history) ? 1 : 0;
    }
    return count;
  }

  private Map<byte[], KeyHistory> part(byte[] from, byte @Nullable [] end) {
    return end == null ? index.tailMap(from, true) : index.subMap(from, true, end, false);
  }

  private static boolean exists(KeyHistory history) {
    KeyVersion newest = history.newest();
    return newest != null && !newest.deleted();
  }
}
