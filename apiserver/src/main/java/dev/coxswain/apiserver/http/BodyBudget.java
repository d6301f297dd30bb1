package dev.coxswain.apiserver.http;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of bodies are in memory at once, from their first byte to their answer. */
public final class BodyBudget {
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  /** So many bytes at most. */
  public BodyBudget(long limit) {
    this.limit = limit;
  }

  /** Takes bytes; false, and nothing taken, where there are not so many left. */
  public boolean take(long bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  public void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }
}
