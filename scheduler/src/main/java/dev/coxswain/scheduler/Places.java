package dev.coxswain.scheduler;

import java.util.concurrent.Semaphore;

/**
 * How many pods may be on their way from their node to being bound. Whoever waits for other pods or
 * for volumes gives its place to the next meanwhile: a group larger than the places would wait for
 * itself, and a storage driver that never answers would hold up everybody.
 */
final class Places {
  /** Pods that are being bound at the same time. */
  static final int MAX_BINDINGS = 128;

  /** Pods that wait without a place; beyond that they keep their place, and deciding slows down. */
  static final int MAX_PATIENT = 4096;

  private final Semaphore places = new Semaphore(MAX_BINDINGS);
  private final Semaphore patient = new Semaphore(MAX_PATIENT);
  private final Runnable freed;

  /**
   * All places free.
   *
   * @param freed called whenever one becomes free again
   */
  Places(Runnable freed) {
    this.freed = freed;
  }

  /** A wait. */
  @FunctionalInterface
  interface Wait<T> {
    T run() throws InterruptedException;
  }

  boolean full() {
    return places.availablePermits() == 0;
  }

  void take() throws InterruptedException {
    places.acquire();
  }

  void giveBack() {
    places.release();
    freed.run();
  }

  /** Waits without a place, and comes back with one. */
  <T> T without(Wait<T> wait) throws InterruptedException {
    if (!patient.tryAcquire()) {
      return wait.run();
    }
    giveBack();
    try {
      return wait.run();
    } finally {
      patient.release();
      places.acquireUninterruptibly();
    }
  }
}
