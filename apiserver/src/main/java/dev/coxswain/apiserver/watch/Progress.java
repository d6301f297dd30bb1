package dev.coxswain.apiserver.watch;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How far the caches have come, and who waits for them to come further. */
final class Progress {
  private final Time time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition advanced = lock.newCondition();
  private volatile long applied;
  private int waiting;

  Progress(Time time) {
    this.time = time;
  }

  /** Every change up to this revision is in the caches. */
  long applied() {
    return applied;
  }

  void advance(long revision) {
    lock.lock();
    try {
      applied = Math.max(applied, revision);
      if (waiting > 0) {
        advanced.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the revision has been reached; false when the time passed first. */
  boolean await(long revision, Duration timeout) throws InterruptedException {
    if (applied >= revision) {
      return true;
    }
    long deadline = time.nanos() + timeout.toNanos();
    lock.lock();
    waiting++;
    try {
      while (applied < revision) {
        long left = deadline - time.nanos();
        if (left <= 0) {
          return false;
        }
        boolean signalled = advanced.await(left, TimeUnit.NANOSECONDS);
        if (!signalled && applied < revision) {
          return false;
        }
      }
      return true;
    } finally {
      waiting--;
      lock.unlock();
    }
  }
}
