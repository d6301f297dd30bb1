package dev.coxswain.store.mvcc;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One atomic write: everything it does carries one revision and becomes visible to others at once,
 * when it ends. Reads through it see its own writes.
 */
public final class Transaction {
  private final Keyspace keyspace;
  private final long revision;
  private final List<KeyVersion> written = new ArrayList<>(1);

  Transaction(Keyspace keyspace, long revision) {
    this.keyspace = keyspace;
    this.revision = revision;
  }

  /** The revision as of now: the new one once something was written, else the store's. */
  public long revision() {
    return written.isEmpty() ? revision - 1 : revision;
  }

  /** The revision at which this transaction's own reads look. */
  public long readRevision() {
    return revision;
  }

  /** The keyspace to read from. */
  public Keyspace keyspace() {
    return keyspace;
  }

  /** The key as this transaction sees it. */
  public @Nullable KeyVersion get(byte[] key) {
    return keyspace.get(key, revision);
  }

  /** Writes a value; a lease of 0 is none. */
  public KeyVersion put(byte[] key, ByteString value, long lease) {
    KeyVersion version = keyspace.write(key, value, lease, revision);
    written.add(version);
    return version;
  }

  /** Deletes a range and returns what was there, in key order. */
  public List<KeyVersion> delete(KeyRange range) {
    List<KeyVersion> found = new ArrayList<>();
    keyspace.forEach(range, revision, found::add);
    for (KeyVersion version : found) {
      written.add(keyspace.write(version.key(), null, 0, revision));
    }
    return found;
  }

  /** Publishes the writes, if any, and returns the store's revision. */
  public long commit() {
    if (!written.isEmpty()) {
      keyspace.publish(revision, written);
    }
    return revision();
  }
}
