package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** How many requests are answered at once; streams are not counted. */
public final class InFlight {
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger writes = new AtomicInteger();
  private final int maxReads;
  private final int maxWrites;

  /**
   * Counts.
   *
   * @param maxReads how many reads at once; 0 where somebody else sees to that
   * @param maxWrites how many writes at once
   */
  public InFlight(int maxReads, int maxWrites) {
    this.maxReads = maxReads;
    this.maxWrites = maxWrites;
  }

  /** Takes a place; {@code TooManyRequests} where there is none. */
  Place enter(boolean readOnly) {
    AtomicInteger places = readOnly ? reads : writes;
    int limit = readOnly ? maxReads : maxWrites;
    int taken = places.incrementAndGet();
    if (limit > 0 && taken > limit) {
      places.decrementAndGet();
      throw new ApiException(tooMany());
    }
    return places::decrementAndGet;
  }

  /** What is said to whom there is no place for. */
  static ApiStatus tooMany() {
    return new ApiStatus(
        StatusReason.TOO_MANY_REQUESTS.code(),
        StatusReason.TOO_MANY_REQUESTS,
        "Too many requests, please try again later.",
        new ApiStatus.Details("", "", "", "", List.of(), 1));
  }

  /** How many reads are being answered. */
  public int readsUnderWay() {
    return reads.get();
  }

  /** How many writes are being answered. */
  public int writesUnderWay() {
    return writes.get();
  }

  /** A place that is given back. */
  @FunctionalInterface
  interface Place {
    /** Gives it back. */
    void close();
  }
}
