package dev.coxswain.runtime.program;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;

/**
 * Gives back the heap that a start or a burst has left behind, once the program is at rest. The
 * serial collector looks at what has grown old only when there is no room for more, and the room
 * may grow up to the whole heap before: an API server kept 630 MB for 130 MB after a burst, for as
 * long as nobody asked it for anything. A collection stops the program for about a millisecond for
 * each megabyte that lives; hence at rest only, and only where there is something to gain.
 */
final class HeapRest implements AutoCloseable {
  /** How often it looks, which takes microseconds. */
  static final Duration PERIOD = Duration.ofSeconds(30);

  /** Who allocates more than this in a period, in bytes, is at work. */
  static final long BUSY_BYTES = 32L << 20;

  /** Less growth than this, in bytes, is not worth a stop, nor is less than an eighth. */
  static final long WORTH_BYTES = 2L << 20;

  /** What a collector says of its heap; all sizes in bytes. */
  interface Heap {
    /** What has been allocated since the program began, rounded down to whole young generations. */
    long allocated();

    /** The old generation's size. */
    long old();

    /** Its size after its last collection; 0 when there was none. */
    long oldAfterCollection();

    /** Collects all of it and gives back what is free. */
    void collect();
  }

  private final Heap heap;
  private final Time time;
  private long allocatedBefore;
  private boolean closed;
  private Time.Timer timer;

  HeapRest(Heap heap, Time time) {
    this.heap = heap;
    this.time = time;
    this.allocatedBefore = heap.allocated();
    this.timer = time.after(PERIOD, this::look);
  }

  private void look() {
    try {
      long allocated = heap.allocated();
      if (allocated - allocatedBefore <= BUSY_BYTES && isWorthIt()) {
        heap.collect();
      }
      allocatedBefore = allocated;
    } finally {
      synchronized (this) {
        if (!closed) {
          timer = time.after(PERIOD, this::look);
        }
      }
    }
  }

  private boolean isWorthIt() {
    long lived = heap.oldAfterCollection();
    return heap.old() - lived >= Math.max(WORTH_BYTES, lived / 8);
  }

  @Override
  public synchronized void close() {
    closed = true;
    timer.cancel();
  }
}
