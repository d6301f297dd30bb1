package dev.coxswain.store.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When each lease ends, as its leader counts it. A new leader gives every lease its full time
 * again, since it cannot know what the old one granted last: a lease may live longer across a
 * change, never shorter. Times are readings of the monotonic clock, in nanoseconds, handed in by
 * the caller.
 */
public final class LeaseClock {
  /** The longest lease there can be; its nanoseconds still fit in a number. */
  private static final long MOST_SECONDS = 9_000_000_000L;

  private final Map<Long, Long> deadlines = new HashMap<>();

  /** Leases whose time was over, and when it is known what came of ending them. */
  private final Map<Long, CompletableFuture<Void>> expiring = new HashMap<>();

  private boolean leading;

  /** What came of giving a lease its full time again. */
  public enum Renewal {
    /** It has its full time. */
    RENEWED,
    /** There is no such lease. */
    UNKNOWN,
    /** Its time was over, and it is being ended. */
    ENDING,
    /** Another member counts, or none yet. */
    ELSEWHERE
  }

  /** Starts counting, with all leases at their full time. */
  public void lead(LeaseTable leases, long now) {
    List<CompletableFuture<Void>> decided;
    synchronized (this) {
      decided = forget();
      leading = true;
      for (LeaseTable.Grant grant : leases.grants()) {
        start(grant.id(), grant.seconds(), now);
      }
    }
    decided.forEach(LeaseClock::settle);
  }

  /** Stops counting: another member leads. */
  public void follow() {
    List<CompletableFuture<Void>> decided;
    synchronized (this) {
      leading = false;
      decided = forget();
    }
    decided.forEach(LeaseClock::settle);
  }

  private List<CompletableFuture<Void>> forget() {
    List<CompletableFuture<Void>> decided = List.copyOf(expiring.values());
    deadlines.clear();
    expiring.clear();
    return decided;
  }

  /** Whether this member counts. */
  public synchronized boolean leading() {
    return leading;
  }

  /** A lease was granted. */
  public synchronized void start(long id, long seconds, long now) {
    if (leading) {
      deadlines.put(id, now + toNanos(seconds));
    }
  }

  /** A lease was revoked. */
  public void end(long id) {
    CompletableFuture<Void> decided;
    synchronized (this) {
      deadlines.remove(id);
      decided = expiring.remove(id);
    }
    settle(decided);
  }

  /** Gives a lease its full time again, unless it is being ended. */
  public synchronized Renewal renew(long id, long seconds, long now) {
    if (!leading) {
      return Renewal.ELSEWHERE;
    }
    if (expiring.containsKey(id)) {
      return Renewal.ENDING;
    }
    if (!deadlines.containsKey(id)) {
      return Renewal.UNKNOWN;
    }
    deadlines.put(id, now + toNanos(seconds));
    return Renewal.RENEWED;
  }

  /**
   * Completes once a lease that is being ended has ended, or may be asked about again: the proposal
   * failed, or another member counts.
   */
  public synchronized CompletableFuture<Void> decided(long id) {
    return expiring.getOrDefault(id, CompletableFuture.completedFuture(null)).copy();
  }

  // Outside the lock, since who waits is answered by this thread.
  private static void settle(@Nullable CompletableFuture<Void> decided) {
    if (decided != null) {
      decided.complete(null);
    }
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
      if (entry.getValue() - now <= 0 && !expiring.containsKey(entry.getKey())) {
        expiring.put(entry.getKey(), new CompletableFuture<>());
        expired.add(entry.getKey());
      }
    }
    return expired;
  }

  /** The proposal to end a lease failed: report it again. */
  public void retry(long id) {
    CompletableFuture<Void> decided;
    synchronized (this) {
      decided = expiring.remove(id);
    }
    settle(decided);
  }

  // Deadlines are compared by their difference, so that a sum beyond the largest number is no harm.
  private static long toNanos(long seconds) {
    return TimeUnit.SECONDS.toNanos(Math.min(seconds, MOST_SECONDS));
  }
}
