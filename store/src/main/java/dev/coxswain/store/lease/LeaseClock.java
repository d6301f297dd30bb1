package dev.coxswain.store.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * When each lease ends, as its leader counts it. A new leader gives every lease its full time
 * again, since it cannot know what the old one granted last: a lease may live longer across a
 * change, never shorter. Times are readings of the monotonic clock, in nanoseconds, handed in by
 * the caller.
 */
public final class LeaseClock {
  private final Map<Long, Long> deadlines = new HashMap<>();
  private final Set<Long> expiring = new HashSet<>();
  private boolean leading;

  /** Starts counting, with all leases at their full time. */
  public synchronized void lead(LeaseTable leases, long now) {
    deadlines.clear();
    expiring.clear();
    leading = true;
    for (LeaseTable.Grant grant : leases.grants()) {
      start(grant.id(), grant.seconds(), now);
    }
  }

  /** Stops counting: another member leads. */
  public synchronized void follow() {
    leading = false;
    deadlines.clear();
    expiring.clear();
  }

  /** A lease was granted. */
  public synchronized void start(long id, long seconds, long now) {
    if (leading) {
      deadlines.put(id, now + toNanos(seconds));
    }
  }

  /** A lease was revoked. */
  public synchronized void end(long id) {
    deadlines.remove(id);
    expiring.remove(id);
  }

  /** Gives a lease its full time again; false when it is unknown or already being ended. */
  public synchronized boolean renew(long id, long seconds, long now) {
    if (!leading || expiring.contains(id) || !deadlines.containsKey(id)) {
      return false;
    }
    deadlines.put(id, now + toNanos(seconds));
    return true;
  }

  /** Whole seconds left; empty when unknown here. Not below 0. */
  public synchronized OptionalLong secondsLeft(long id, long now) {
    Long deadline = deadlines.get(id);
    return deadline == null
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, TimeUnit.NANOSECONDS.toSeconds(deadline - now)));
  }

  /** The leases whose time is over, each reported once until {@link #retry}. */
  public synchronized List<Long> takeExpired(long now, int most) {
    List<Long> expired = new ArrayList<>();
    for (Map.Entry<Long, Long> entry : deadlines.entrySet()) {
      if (expired.size() >= most) {
        break;
      }
      if (entry.getValue() - now <= 0 && expiring.add(entry.getKey())) {
        expired.add(entry.getKey());
      }
    }
    return expired;
  }

  /** The proposal to end a lease failed: report it again. */
  public synchronized void retry(long id) {
    expiring.remove(id);
  }

  // A saturated sum: the longest lease, nine thousand million seconds, fits in nanoseconds; twice
  // that would not.
  private static long toNanos(long seconds) {
    return TimeUnit.SECONDS.toNanos(Math.min(seconds, Integer.MAX_VALUE));
  }
}
