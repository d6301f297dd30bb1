package dev.coxswain.apiserver.http;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of bodies are in memory at once, from their first byte to their answer. */
final class BodyBudget {
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  BodyBudget(long limit) {
    this.limit = limit;
  }

  /** Takes bytes; false, and nothing taken, where there are not so many left. */
  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }
}
