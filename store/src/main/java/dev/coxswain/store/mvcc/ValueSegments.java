package dev.coxswain.store.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the bytes of values lie: side by side in long arrays. G1 never moves an array that is
 * longer than half a region, whereas every value in an array of its own would be copied twice on
 * its way to the old generation, which was most of what a busy member's collections did.
 *
 * <p>An array is garbage like any other once no value in it is reachable; nothing is freed by hand.
 * One that is full and whose values are mostly superseded is told by {@link #isSparse}: who sweeps
 * moves what is left of it with {@link #move}, and whoever still reads the old place reads the same
 * bytes there.
 *
 * <p>One thread adds, another moves and drops; any number read.
 */
final class ValueSegments {
  /** One region of G1 ({@code store.flags}), less than the array's own head takes. */
  static final int SEGMENT_BYTES = (1 << 20) - 64;

  /** A longer value has an array of its own; so what a segment's end wastes is less than that. */
  static final int LONGEST_SHARING = SEGMENT_BYTES / 8;

  /**
   * A full segment with less than this in use is worth moving: 1.33 bytes kept for each at most.
   */
  private static final int SPARSE_BELOW = SEGMENT_BYTES / 4 * 3;

  /** Sparse segments are let be until they are this share of all, since finding them is a walk. */
  private static final int SPARSE_SHARE = 8;

  /** What has no bytes shall keep no segment. */
  private final Value empty = new Value(new Segment(0), 0, 0);

  private final Filling added = new Filling();
  private final Filling moved = new Filling();

  /** Bytes of full segments that hold something, and of those the ones in use. */
  private final AtomicLong held = new AtomicLong();

  private final AtomicLong used = new AtomicLong();

  private final AtomicLong sparse = new AtomicLong();

  /** One value's bytes. Immutable: a value that is moved is another one with the same content. */
  static final class Value {
    private final Segment segment;
    private final int offset;
    private final int length;

    private Value(Segment segment, int offset, int length) {
      this.segment = segment;
      this.offset = offset;
      this.length = length;
    }

    int length() {
      return length;
    }

    /** Its content, which shares the array: nobody changes what was once written there. */
    ByteString bytes() {
      return UnsafeByteOperations.unsafeWrap(segment.bytes, offset, length);
    }
  }

  /** Some values, one after another; what is known of it is guarded by itself. */
  private final class Segment {
    private final byte[] bytes;
    private int live;
    private boolean full;

    Segment(int bytes) {
      this.bytes = new byte[bytes];
    }

    synchronized void take(int length) {
      live += length;
    }

    synchronized void drop(int length) {
      boolean before = sparse();
      live -= length;
      if (full) {
        used.addAndGet(-length);
        account(before);
      }
      if (full && live == 0) {
        held.addAndGet(-bytes.length);
      }
    }

    synchronized void fill() {
      full = true;
      if (live > 0) {
        held.addAndGet(bytes.length);
        used.addAndGet(live);
        account(false);
      }
    }

    synchronized boolean sparse() {
      return full && live > 0 && live < SPARSE_BELOW && bytes.length == SEGMENT_BYTES;
    }

    private void account(boolean before) {
      sparse.addAndGet((sparse() ? 1 : 0) - (before ? 1 : 0));
    }
  }

  /** The segment that one thread adds to. */
  private final class Filling {
    private Segment segment = new Segment(0);
    private int next;

    Value add(ByteString content) {
      int length = content.size();
      if (length == 0) {
        return empty;
      }
      if (length > LONGEST_SHARING) {
        Segment own = new Segment(length);
        own.take(length);
        own.fill();
        content.copyTo(own.bytes, 0);
        return new Value(own, 0, length);
      }
      if (length > segment.bytes.length - next) {
        segment.fill();
        segment = new Segment(SEGMENT_BYTES);
        next = 0;
      }
      int offset = next;
      content.copyTo(segment.bytes, offset);
      segment.take(length);
      next += length;
      return new Value(segment, offset, length);
    }
  }

  /** Keeps a value; on the thread that writes. */
  Value add(ByteString content) {
    return added.add(content);
  }

  /** The same value at another place; on the thread that sweeps, as is all that follows. */
  Value move(Value value) {
    Value elsewhere = moved.add(value.bytes());
    drop(value);
    return elsewhere;
  }

  /** Counts a value out that is superseded and will be found by nobody who comes now. */
  void drop(Value value) {
    if (value.length > 0) {
      value.segment.drop(value.length);
    }
  }

  /** Whether it is worth a walk over all values to move those of sparse segments. */
  boolean worthMoving() {
    return sparse.get() * SEGMENT_BYTES * SPARSE_SHARE > held.get();
  }

  /** Whether a value is one that should move. */
  boolean isSparse(Value value) {
    return value.segment.sparse();
  }

  /** Bytes that are kept though no value needs them. */
  long unused() {
    return Math.max(0, held.get() - used.get());
  }
}
