package dev.coxswain.store.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * One state of one key: written at {@code modRevision}, in force until the next version of the key.
 * A version without a value is a tombstone. Immutable but for two things that compaction does while
 * readers look: it cuts the link to the version before, so that they see either the chain or its
 * end, and it moves the value, which is the same at both places.
 */
public final class KeyVersion {
  /** What one version costs beside the bytes of its value: the object, its slots and its event. */
  static final int OVERHEAD_BYTES = 104;

  private final byte[] key;
  private ValueSegments.@Nullable Value value;
  private final long createRevision;
  private final long modRevision;
  private final long version;
  private final long lease;
  private volatile @Nullable KeyVersion previous;

  /** Touched by the compactor alone: this version is already out of its chain. */
  private boolean swept;

  KeyVersion(
      byte[] key,
      ValueSegments.@Nullable Value value,
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

  /** The value; null for a tombstone. */
  public @Nullable ByteString value() {
    ValueSegments.Value at = value;
    return at == null ? null : at.bytes();
  }

  /** Where the value lies; null for a tombstone. */
  ValueSegments.@Nullable Value place() {
    return value;
  }

  /** The value lies elsewhere now. Whoever reads meanwhile finds it at either place. */
  void moveTo(ValueSegments.Value place) {
    value = place;
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
    return OVERHEAD_BYTES + (value == null ? 0 : value.length());
  }

  /** The wire form. Shares the arrays, which nobody changes. */
  public KeyValue toKeyValue() {
    KeyValue.Builder builder =
        KeyValue.newBuilder()
            .setKey(UnsafeByteOperations.unsafeWrap(key))
            .setModRevision(modRevision);
    ByteString content = value();
    if (content != null) {
      builder
          .setValue(content)
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
