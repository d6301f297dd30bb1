package dev.coxswain.apiserver.storage;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;

/**
 * Leases for objects that expire, such as events. Objects written within {@link #SHARED_FOR} share
 * a lease, so that a burst of events does not become a burst of leases.
 */
public final class EventLease {
  /** How long a lease takes on new objects; an object may outlive its time by as much. */
  static final Duration SHARED_FOR = Duration.ofSeconds(60);

  /** How many objects share a lease at most, which bounds the work of its expiry. */
  static final int SHARED_BY = 1000;

  private final Store store;
  private final Time time;
  private final Duration timeToLive;

  private long lease;
  private long grantedAt;
  private int users;

  /** Leases for objects that live this long. */
  public EventLease(Store store, Time time, Duration timeToLive) {
    this.store = store;
    this.time = time;
    this.timeToLive = timeToLive;
  }

  /** The lease for an object that is written now. */
  public long current() {
    synchronized (this) {
      if (usable()) {
        users++;
        return lease;
      }
    }
    // Not under the lock, since it waits for the store: two at once cost one lease too many.
    long granted = store.grantLease(timeToLive.plus(SHARED_FOR));
    synchronized (this) {
      lease = granted;
      grantedAt = time.nanos();
      users = 1;
      return lease;
    }
  }

  private boolean usable() {
    return lease != 0 && users < SHARED_BY && time.nanos() - grantedAt < SHARED_FOR.toNanos();
  }
}
