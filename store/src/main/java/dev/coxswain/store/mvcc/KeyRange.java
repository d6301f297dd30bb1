package dev.coxswain.store.mvcc;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys a request means, by etcd's rule: no range end is the key alone, a range end of one zero
 * byte is everything from the key on, otherwise the end is exclusive. A key of one zero byte starts
 * at the first key.
 */
public final class KeyRange {
  private final byte[] start;
  private final byte @Nullable [] end;
  private final boolean single;

  private KeyRange(byte[] start, byte @Nullable [] end, boolean single) {
    this.start = start;
    this.end = end;
    this.single = single;
  }

  /** The range of a request. */
  public static KeyRange of(ByteString key, ByteString rangeEnd) {
    byte[] start = key.toByteArray();
    if (rangeEnd.isEmpty()) {
      return new KeyRange(start, null, true);
    }
    if (rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0) {
      return new KeyRange(start, null, false);
    }
    return new KeyRange(start, rangeEnd.toByteArray(), false);
  }

  /** Just this key. */
  public static KeyRange single(byte[] key) {
    return new KeyRange(key, null, true);
  }

  /** True when the range is one key. */
  public boolean isSingle() {
    return single;
  }

  /** The first key. */
  public byte[] start() {
    return start;
  }

  /** The exclusive end; null when open (or when the range is a single key). */
  public byte @Nullable [] end() {
    return end;
  }

  /** Whether a key lies in the range. */
  public boolean contains(byte[] key) {
    if (single) {
      return Arrays.equals(start, key);
    }
    return Arrays.compareUnsigned(start, key) <= 0
        && (end == null || Arrays.compareUnsigned(key, end) < 0);
  }

  @Override
  public String toString() {
    String first = ByteString.copyFrom(start).toStringUtf8();
    if (single) {
      return first;
    }
    return "[" + first + ", " + (end == null ? "" : ByteString.copyFrom(end).toStringUtf8()) + ")";
  }
}
