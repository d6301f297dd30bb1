package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Has the requests with large bodies take turns: while one is decoded, checked and written, an
 * object takes up to fifty times the room of its text, so that a few that come together would fill
 * the memory.
 */
final class LargeBodies {
  /** Up to this length a body waits for nobody, in bytes. */
  static final int SMALL = 64 << 10;

  /** How much of large bodies is worked on at once, in bytes: two of the largest, or many more. */
  static final int TOGETHER = 6 << 20;

  private final Semaphore room = new Semaphore(TOGETHER, true);
  private final Duration patience;

  /**
   * Nobody has a turn yet.
   *
   * @param patience how long one waits for it
   */
  LargeBodies(Duration patience) {
    this.patience = patience;
  }

  /**
   * Waits until it is this body's turn.
   *
   * @throws ApiException with reason {@code TooManyRequests} where it took too long
   */
  InFlight.Place enter(int length) throws InterruptedException {
    if (length <= SMALL) {
      return () -> {};
    }
    if (!room.tryAcquire(length, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ApiException(InFlight.tooMany());
    }
    return () -> room.release(length);
  }
}
