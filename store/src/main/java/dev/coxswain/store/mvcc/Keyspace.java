package dev.coxswain.store.mvcc;

import com.google.protobuf.ByteString;
import dev.coxswain.store.error.StoreError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * All keys with all their versions since the last compaction. One thread writes, by {@link
 * Transaction}; any number read at a revision, without locks, while it does: a reader sees exactly
 * the versions up to its revision, and a revision is published only when it is complete.
 */
public final class Keyspace {
  /** Keys in the order the API promises: bytes, unsigned. */
  public static final Comparator<byte[]> KEY_ORDER = Arrays::compareUnsigned;

  /** The revision of an empty store, as in etcd: the first write gets 2. */
  public static final long FIRST_REVISION = 1;

  /** What every hash begins with: that of nothing must not be zero, which says "none". */
  private static final byte[] SEED = {'k', 'e', 'y'};

  /** What one key costs beside its bytes: its history and its place in the index. */
  static final int KEY_OVERHEAD_BYTES = 96;

  private final ConcurrentSkipListMap<byte[], KeyHistory> index =
      new ConcurrentSkipListMap<>(KEY_ORDER);
  private final LiveCounts counts = new LiveCounts(index);
  private final RevisionLog log = new RevisionLog();
  private final ValueSegments values = new ValueSegments();
  private final AtomicLong bytes = new AtomicLong();
  private final Sweeper sweeper = new Sweeper(index, log, values, bytes);
  private final AtomicLong liveBytes = new AtomicLong();
  private final AtomicLong liveKeys = new AtomicLong();
  private volatile long revision = FIRST_REVISION;
  private volatile long compactRevision;

  /** The newest complete revision. */
  public long revision() {
    return revision;
  }

  /** The revision up to which history was dropped; 0 before the first compaction. */
  public long compactRevision() {
    return compactRevision;
  }

  /** The revision below which events may already be gone from {@link #written}. */
  public long sweptRevision() {
    return sweeper.swept();
  }

  /** Estimated heap bytes of everything kept, superseded versions included. */
  public long bytes() {
    return bytes.get();
  }

  /** Those and what lies between them: what a limit on memory has to count. */
  public long heapBytes() {
    return bytes.get() + values.unused();
  }

  /** Estimated heap bytes of the live versions alone. */
  public long liveBytes() {
    return liveBytes.get();
  }

  /** How many keys exist now. */
  public long liveKeys() {
    return liveKeys.get();
  }

  /** Starts the next write; one at a time, on the applying thread. */
  public Transaction begin() {
    return new Transaction(this, revision + 1);
  }

  /** Refuses a revision that reads may not name, by etcd's rules. */
  public void checkReadable(long at) {
    if (at > revision) {
      throw StoreError.FUTURE_REVISION.exception();
    }
    if (at < compactRevision) {
      throw StoreError.COMPACTED.exception();
    }
  }

  /** The key's version in force at a revision, or null when it did not exist. */
  public @Nullable KeyVersion get(byte[] key, long at) {
    KeyHistory history = index.get(key);
    return history == null ? null : history.liveAt(at);
  }

  /** Every version in force at a revision in a range, in key order. */
  public void forEach(KeyRange range, long at, Consumer<KeyVersion> visitor) {
    scan(
        range,
        at,
        version -> {
          visitor.accept(version);
          return true;
        });
  }

  /** As {@link #forEach}, until the visitor says false. */
  void scan(KeyRange range, long at, Predicate<KeyVersion> visitor) {
    if (range.isSingle()) {
      KeyVersion version = get(range.start(), at);
      if (version != null) {
        var _ = visitor.test(version);
      }
      return;
    }
    for (KeyHistory history : histories(range)) {
      KeyVersion version = history.liveAt(at);
      if (version != null && !visitor.test(version)) {
        return;
      }
    }
  }

  /**
   * How many keys exist in a range at a revision, if that can be told without a visit to each: not
   * for a revision of the past, nor while keys come and go at this very moment.
   */
  OptionalLong count(KeyRange range, long at) {
    OptionalLong stamp = counts.stamp();
    if (range.isSingle() || stamp.isEmpty() || at != revision) {
      return OptionalLong.empty();
    }
    byte[] end = range.end();
    boolean empty = end != null && Arrays.compareUnsigned(range.start(), end) >= 0;
    long count = empty ? 0 : counts.count(range.start(), end);
    return counts.unchangedSince(stamp.getAsLong()) ? OptionalLong.of(count) : OptionalLong.empty();
  }

  private Collection<KeyHistory> histories(KeyRange range) {
    byte[] end = range.end();
    ConcurrentNavigableMap<byte[], KeyHistory> part;
    if (end == null) {
      part = index.tailMap(range.start(), true);
    } else if (Arrays.compareUnsigned(range.start(), end) >= 0) {
      return List.of();
    } else {
      part = index.subMap(range.start(), true, end, false);
    }
    return part.values();
  }

  /** What a published revision wrote, in order; empty when it is compacted or wrote nothing. */
  public KeyVersion[] written(long at) {
    return log.at(at);
  }

  /** Adds a version under a key; called by the open transaction. */
  KeyVersion write(byte[] key, @Nullable ByteString content, long lease, long at) {
    ValueSegments.Value value = content == null ? null : values.add(content);
    while (true) {
      KeyHistory history = index.get(key);
      KeyVersion before = history == null ? null : history.newest();
      boolean exists = before != null && !before.deleted();
      boolean deleting = value == null;
      byte[] shared = history == null ? key : history.key();
      KeyVersion version =
          new KeyVersion(
              shared,
              value,
              deleting ? 0 : exists && before != null ? before.createRevision() : at,
              at,
              deleting ? 0 : exists && before != null ? before.version() + 1 : 1,
              lease,
              before);
      if (history == null) {
        history = new KeyHistory(key);
        index.put(key, history);
        bytes.addAndGet(KEY_OVERHEAD_BYTES + key.length);
      }
      if (exists == deleting) {
        counts.changing();
      }
      if (history.push(version)) {
        account(version, exists ? before : null);
        return version;
      }
      // The compactor has just taken this history out of the index: the key starts afresh.
    }
  }

  private void account(KeyVersion added, @Nullable KeyVersion replaced) {
    bytes.addAndGet(added.bytes());
    long live = added.deleted() ? 0 : liveCost(added);
    if (replaced != null) {
      live -= liveCost(replaced);
      liveKeys.decrementAndGet();
    }
    if (!added.deleted()) {
      liveKeys.incrementAndGet();
    }
    if (replaced == null && !added.deleted()) {
      counts.born(added.key());
    } else if (replaced != null && added.deleted()) {
      counts.died(added.key());
    }
    liveBytes.addAndGet(live);
  }

  private static long liveCost(KeyVersion version) {
    return (long) version.bytes() + KEY_OVERHEAD_BYTES + version.key().length;
  }

  void publish(long at, List<KeyVersion> written) {
    log.append(at, written);
    // Here, because the log has one writer; what was swept would else keep its values until then.
    log.trim(sweeper.swept());
    revision = at;
    counts.publish();
  }

  /**
   * Declares history before a revision gone: reads and watches below it are refused from now on.
   * {@link #sweep} then gives the memory back.
   */
  public void compact(long at) {
    if (at <= compactRevision) {
      throw StoreError.COMPACTED.exception();
    }
    if (at > revision) {
      throw StoreError.FUTURE_REVISION.exception();
    }
    compactRevision = at;
  }

  /** Frees what the last compaction made superfluous. One caller at a time; readers go on. */
  public void sweep() {
    sweeper.sweep(compactRevision);
  }

  /** True when a compaction was declared whose memory is not yet given back. */
  public boolean needsSweep() {
    return sweeper.swept() < compactRevision;
  }

  /** A checksum, and the compaction whose history it leaves out. */
  public record Digest(int hash, long compactRevision) {}

  /**
   * A checksum over every version a reader between the compaction and a revision can see, equal on
   * members that hold the same state. Refuses a revision as a read does.
   */
  public Digest digest(long upTo) {
    while (true) {
      long compacted = compactRevision;
      checkReadable(upTo);
      int hash = hash(compacted, upTo);
      if (compacted == compactRevision) {
        return new Digest(hash, compacted);
      }
    }
  }

  /** The checksum alone. */
  public int hash(long upTo) {
    return digest(upTo).hash();
  }

  private int hash(long compacted, long upTo) {
    CRC32C crc = new CRC32C();
    crc.update(SEED);
    byte[] numbers = new byte[Long.BYTES];
    for (KeyHistory history : index.values()) {
      for (KeyVersion version : visible(history, compacted, upTo)) {
        crc.update(version.key());
        ByteString value = version.value();
        if (value != null) {
          crc.update(value.asReadOnlyByteBuffer());
        }
        update(crc, numbers, version.modRevision());
        update(crc, numbers, version.createRevision());
        update(crc, numbers, version.version());
        update(crc, numbers, version.lease());
      }
    }
    return (int) crc.getValue();
  }

  private static void update(CRC32C crc, byte[] buffer, long number) {
    for (int i = 0; i < Long.BYTES; i++) {
      buffer[i] = (byte) (number >>> (8 * i));
    }
    crc.update(buffer);
  }

  /**
   * Every version that state at {@code upTo} consists of, key by key, each key's oldest first: what
   * a snapshot holds. May run beside the writer, but not beside {@link #sweep}.
   */
  public void forEachHistory(long compacted, long upTo, Consumer<List<KeyVersion>> visitor) {
    for (KeyHistory history : index.values()) {
      List<KeyVersion> versions = visible(history, compacted, upTo);
      if (!versions.isEmpty()) {
        visitor.accept(versions);
      }
    }
  }

  private static List<KeyVersion> visible(KeyHistory history, long compacted, long upTo) {
    List<KeyVersion> versions = new ArrayList<>(2);
    KeyVersion version = history.at(upTo);
    while (version != null) {
      if (version.modRevision() > compacted) {
        versions.add(version);
      } else {
        // The one in force at the compaction; its tombstone still is an event at that revision.
        if (!version.deleted() || version.modRevision() == compacted) {
          versions.add(version);
        }
        break;
      }
      version = version.previous();
    }
    return versions.reversed();
  }

  /** Builds a keyspace from what {@link #forEachHistory} gave. */
  public static Loader loader(long revision, long compactRevision) {
    return new Loader(revision, compactRevision);
  }

  /** Collects versions in any order of keys, each key's oldest first. */
  public static final class Loader {
    /**
     * A revision that wrote more than this, a deletion of a large range say, is put together once
     * all is there: with every version added in place it would be copied for each.
     */
    private static final int FEW = 64;

    private final Keyspace keyspace = new Keyspace();

    /** What such revisions wrote, so far. */
    private final Map<Long, List<KeyVersion>> large = new HashMap<>();

    private final long revision;
    private final long compactRevision;
    private @Nullable KeyHistory last;
    private long bytes;
    private long liveBytes;
    private long liveKeys;

    private Loader(long revision, long compactRevision) {
      this.revision = revision;
      this.compactRevision = compactRevision;
      keyspace.log.trim(compactRevision);
    }

    /** Adds one version of a key, of whose value nothing is kept; a null value is a tombstone. */
    public KeyVersion add(
        byte[] key,
        @Nullable ByteString value,
        long createRevision,
        long modRevision,
        long version,
        long lease) {
      KeyHistory history = history(key);
      KeyVersion before = history.newest();
      KeyVersion added =
          new KeyVersion(
              history.key(),
              value == null ? null : keyspace.values.add(value),
              createRevision,
              modRevision,
              version,
              lease,
              before);
      history.push(added);
      account(added, before == null || before.deleted() ? null : before);
      if (modRevision >= compactRevision && modRevision <= revision) {
        log(added);
      }
      return added;
    }

    private void log(KeyVersion added) {
      KeyVersion[] before = keyspace.log.at(added.modRevision());
      if (before.length < FEW) {
        keyspace.log.add(added);
      } else {
        large
            .computeIfAbsent(added.modRevision(), ignored -> new ArrayList<>(Arrays.asList(before)))
            .add(added);
      }
    }

    private KeyHistory history(byte[] key) {
      KeyHistory known = last;
      if (known == null || !Arrays.equals(known.key(), key)) {
        KeyHistory fresh = new KeyHistory(key);
        known = keyspace.index.putIfAbsent(key, fresh);
        if (known == null) {
          known = fresh;
          bytes += KEY_OVERHEAD_BYTES + key.length;
        }
        last = known;
      }
      return known;
    }

    private void account(KeyVersion added, @Nullable KeyVersion replaced) {
      bytes += added.bytes();
      if (replaced != null) {
        liveBytes -= liveCost(replaced);
        liveKeys--;
      }
      if (!added.deleted()) {
        liveBytes += liveCost(added);
        liveKeys++;
      }
    }

    /** The finished keyspace. */
    public Keyspace finish() {
      large.forEach(keyspace.log::append);
      keyspace.compactRevision = compactRevision;
      keyspace.sweeper.startAt(compactRevision);
      keyspace.bytes.set(bytes);
      keyspace.liveBytes.set(liveBytes);
      keyspace.liveKeys.set(liveKeys);
      keyspace.counts.recount();
      keyspace.revision = revision;
      keyspace.counts.publish();
      return keyspace;
    }
  }
}
