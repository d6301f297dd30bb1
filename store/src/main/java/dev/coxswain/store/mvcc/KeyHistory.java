package dev.coxswain.store.mvcc;

import org.jspecify.annotations.Nullable;

/** All versions of one key, newest first. One writer; any number of readers without a lock. */
final class KeyHistory {
  private final byte[] key;
  private volatile @Nullable KeyVersion newest;

  /** Guarded by this: the history has left the index and takes no more versions. */
  private boolean dead;

  KeyHistory(byte[] key) {
    this.key = key;
  }

  byte[] key() {
    return key;
  }

  @Nullable KeyVersion newest() {
    return newest;
  }

  /** The version in force at a revision, tombstones included; null when there was none yet. */
  @Nullable KeyVersion at(long revision) {
    KeyVersion version = newest;
    while (version != null && version.modRevision() > revision) {
      version = version.previous();
    }
    return version;
  }

  /** The version in force at a revision, or null when the key did not exist then. */
  @Nullable KeyVersion liveAt(long revision) {
    KeyVersion version = at(revision);
    return version == null || version.deleted() ? null : version;
  }

  /** Adds the newest version; false when the history has just left the index. */
  synchronized boolean push(KeyVersion version) {
    if (dead) {
      return false;
    }
    newest = version;
    return true;
  }

  /** Closes the history if that tombstone is still its newest version. */
  synchronized boolean closeAt(KeyVersion tombstone) {
    if (newest != tombstone) {
      return false;
    }
    dead = true;
    return true;
  }

  /** Takes a swept tombstone out from under its successor. */
  void unlink(KeyVersion tombstone) {
    KeyVersion version = newest;
    while (version != null) {
      KeyVersion previous = version.previous();
      if (previous == tombstone) {
        version.cutPrevious();
        return;
      }
      version = previous;
    }
  }
}
