package dev.coxswain.store.mvcc;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each revision wrote, in order: the source of watch events. One appender; readers are safe up
 * to the revision the keyspace has published. Bounded by compaction, as etcd's history is.
 */
final class RevisionLog {
  /** Revisions to a chunk: small enough to free early, large enough to keep the directory short. */
  private static final int CHUNK = 512;

  private static final KeyVersion[] NOTHING = {};

  /** Chunk i of the directory covers revisions (base + i) * CHUNK .. + CHUNK - 1. */
  private static final class Directory {
    private final long base;
    private final KeyVersion[][][] chunks;

    Directory(long base, KeyVersion[][][] chunks) {
      this.base = base;
      this.chunks = chunks;
    }

    long base() {
      return base;
    }

    KeyVersion[][][] chunks() {
      return chunks;
    }
  }

  private volatile Directory directory = new Directory(0, new KeyVersion[1][][]);

  void append(long revision, List<KeyVersion> written) {
    put(revision, written.toArray(NOTHING));
  }

  /** Adds one version to what its revision wrote; while a keyspace is loaded, in any order. */
  void add(KeyVersion version) {
    KeyVersion[] before = at(version.modRevision());
    KeyVersion[] written = Arrays.copyOf(before, before.length + 1);
    written[before.length] = version;
    put(version.modRevision(), written);
  }

  private void put(long revision, KeyVersion[] written) {
    Directory current = directory;
    int index = Math.toIntExact(revision / CHUNK - current.base());
    if (index < 0) {
      return;
    }
    if (index >= current.chunks().length) {
      int grown = Math.max(index + 1, current.chunks().length * 2);
      current = new Directory(current.base(), Arrays.copyOf(current.chunks(), grown));
    }
    KeyVersion[][] chunk = current.chunks()[index];
    if (chunk == null) {
      chunk = new KeyVersion[CHUNK][];
      current.chunks()[index] = chunk;
    }
    chunk[(int) (revision % CHUNK)] = written;
    directory = current;
  }

  /** The versions a revision wrote; empty for one that is unknown or compacted. */
  KeyVersion[] at(long revision) {
    Directory current = directory;
    long index = revision / CHUNK - current.base();
    if (index < 0 || index >= current.chunks().length) {
      return NOTHING;
    }
    KeyVersion @Nullable [][] chunk = current.chunks()[(int) index];
    if (chunk == null) {
      return NOTHING;
    }
    KeyVersion[] written = chunk[(int) (revision % CHUNK)];
    return written == null ? NOTHING : written;
  }

  /** Forgets whole chunks below a revision. Called by the appender only. */
  void trim(long revision) {
    Directory current = directory;
    long base = revision / CHUNK;
    int drop = (int) Math.min(base - current.base(), current.chunks().length);
    if (drop <= 0) {
      return;
    }
    int kept = Math.max(1, current.chunks().length - drop);
    KeyVersion[][][] chunks = new KeyVersion[kept][][];
    System.arraycopy(
        current.chunks(), drop, chunks, 0, Math.min(kept, current.chunks().length - drop));
    directory = new Directory(base, chunks);
  }
}
