package dev.coxswain.store.mvcc;

import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * One state of one key: written at {@code modRevision}, in force until the next version of the key.
 * A version without a value is a tombstone. Immutable but for the link to the version before, which
 * compaction cuts while readers walk it: they see either the chain or its end.
 */
public final class KeyVersion {
  /** What one version costs beside the bytes of its value: the object, its slots and its event. */
  static final int OVERHEAD_BYTES = 96;

  private final byte[] key;
  private final byte @Nullable [] value;
  private final long createRevision;
  private final long modRevision;
  private final long version;
  private final long lease;
  private volatile @Nullable KeyVersion previous;

  /** Touched by the compactor alone: this version is already out of its chain. */
  private boolean swept;

  KeyVersion(
      byte[] key,
      byte @Nullable [] value,
      long createRevision,
      long modRevision,
      long version,
      long lease,
      @Nullable KeyVersion previous) {
    this.key = key;
    this.value = value;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.version = version;
    this.lease = lease;
    this.previous = previous;
  }

  /** The key's bytes; not to be changed. */
  public byte[] key() {
    return key;
  }

  /** The value's bytes, not to be changed; null for a tombstone. */
  public byte @Nullable [] value() {
    return value;
  }

  /** True when the key does not exist from this revision on. */
  public boolean deleted() {
    return value == null;
  }

  /** The revision at which the key came into being; 0 for a tombstone. */
  public long createRevision() {
    return createRevision;
  }

  /** The revision that wrote this version. */
  public long modRevision() {
    return modRevision;
  }

  /** How many times the key was written since it came into being; 0 for a tombstone. */
  public long version() {
    return version;
  }

  /** The lease the key hangs on, or 0. */
  public long lease() {
    return lease;
  }

  /** The key's version before this one, unless compaction has dropped it. */
  public @Nullable KeyVersion previous() {
    return previous;
  }

  void cutPrevious() {
    previous = null;
  }

  boolean swept() {
    return swept;
  }

  void markSwept() {
    swept = true;
  }

  int bytes() {
    return OVERHEAD_BYTES + (value == null ? 0 : value.length);
  }

  /** The wire form. Shares the arrays, which nobody changes. */
  public KeyValue toKeyValue() {
    KeyValue.Builder builder =
        KeyValue.newBuilder()
            .setKey(UnsafeByteOperations.unsafeWrap(key))
            .setModRevision(modRevision);
    if (value != null) {
      builder
          .setValue(UnsafeByteOperations.unsafeWrap(value))
          .setCreateRevision(createRevision)
          .setVersion(version)
          .setLease(lease);
    }
    return builder.build();
  }

  /** The wire form without the value. */
  public KeyValue toKeyOnly() {
    return KeyValue.newBuilder()
        .setKey(UnsafeByteOperations.unsafeWrap(key))
        .setModRevision(modRevision)
        .setCreateRevision(createRevision)
        .setVersion(version)
        .setLease(lease)
        .build();
  }
}
