package dev.coxswain.apiserver.admission;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.runtime.time.Time;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes no new objects where those that there are nearly fill this server's memory. It holds all of
 * them, and so does every server that starts: one object too many would end it, and each that
 * follows. What is there can still be read, changed and, above all, deleted.
 */
public final class HeapRoom implements AdmissionPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(HeapRoom.class);

  /** Of the room for what lives long; the rest is for what is being answered. */
  private static final double MOST = 0.85;

  /** How soon it looks again, which takes a collection: objects may have been deleted. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(20);

  private final Heap heap;
  private final Time time;
  private volatile boolean full;
  private long looked;

  /** What lives in the heap. */
  interface Heap {
    /** The share of the room for what lives long that was taken after the last collection. */
    double taken();

    /** Collects what nobody uses any more. */
    void collect();
  }

  HeapRoom(Heap heap, Time time) {
    this.heap = heap;
    this.time = time;
  }

  /** Guards this program's heap; empty where its collector does not say what lives. */
  public static Optional<HeapRoom> ofThisProgram(Time time) {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Tenured Gen"))
        .findFirst()
        .map(pool -> new HeapRoom(new OldGeneration(pool), time));
  }

  private record OldGeneration(MemoryPoolMXBean pool) implements Heap {
    @Override
    public double taken() {
      MemoryUsage lived = pool.getCollectionUsage();
      return lived == null || lived.getMax() <= 0 ? 0 : (double) lived.getUsed() / lived.getMax();
    }

    @Override
    public void collect() {
      System.gc();
    }
  }

  @Override
  public String name() {
    return "HeapRoom";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    if (request.operation() == Operation.CREATE && request.subresource().isEmpty() && isFull()) {
      throw new ApiException(
          new ApiStatus(
              StatusReason.TOO_MANY_REQUESTS.code(),
              StatusReason.TOO_MANY_REQUESTS,
              "the API server's memory is nearly full of objects: delete some, or give it more"
                  + " (-Xmx)",
              new ApiStatus.Details("", "", "", "", List.of(), (int) LOOK_AGAIN.toSeconds())));
    }
  }

  private boolean isFull() {
    return (full || heap.taken() > MOST) && look();
  }

  /** Whoever comes here is rare, or comes in vain. */
  private synchronized boolean look() {
    long now = time.nanos();
    if (full && now - looked >= LOOK_AGAIN.toNanos()) {
      looked = now;
      heap.collect();
    }
    boolean before = full;
    full = heap.taken() > MOST;
    if (full && !before) {
      looked = now;
      LOG.error(
          "the objects take {} % of the memory that there is for them: no more are taken; delete"
              + " some, or give this server more (-Xmx)",
          Math.round(heap.taken() * 100));
    } else if (before && !full) {
      LOG.info("there is room for objects again");
    }
    return full;
  }
}
