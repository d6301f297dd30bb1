package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.concurrent.Semaphore;

/** How many requests are answered at once; streams are not counted. Upstream's limits. */
public final class InFlight {
  /** How many reads at once. */
  public static final int MAX_READS = 400;

  /** How many writes at once. */
  public static final int MAX_WRITES = 200;

  private final Semaphore reads = new Semaphore(MAX_READS);
  private final Semaphore writes = new Semaphore(MAX_WRITES);

  /** Takes a place; {@code TooManyRequests} where there is none. */
  Place enter(boolean readOnly) {
    Semaphore places = readOnly ? reads : writes;
    if (!places.tryAcquire()) {
      throw new ApiException(tooMany());
    }
    return places::release;
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
    return MAX_READS - reads.availablePermits();
  }

  /** How many writes are being answered. */
  public int writesUnderWay() {
    return MAX_WRITES - writes.availablePermits();
  }

  /** A place that is given back. */
  @FunctionalInterface
  interface Place {
    /** Gives it back. */
    void close();
  }
}
