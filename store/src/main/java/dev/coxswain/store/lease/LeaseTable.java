package dev.coxswain.store.lease;

import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.mvcc.Keyspace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * The leases and the keys that hang on them, as replicated. No clock in here: when a lease is over
 * is the leader's to say ({@link LeaseClock}). One writer, concurrent readers.
 */
public final class LeaseTable {
  /** The longest time to live, as in etcd. */
  public static final long MAXIMUM_SECONDS = 9_000_000_000L;

  /** The shortest: a lease must outlive an election. */
  public static final long MINIMUM_SECONDS = 2;

  private final ConcurrentSkipListMap<Long, Held> leases = new ConcurrentSkipListMap<>();

  /** How many leases were ever granted; one thread grants. */
  private long granted;

  private record Held(long order, long seconds, ConcurrentSkipListSet<byte[]> keys) {}

  /** One lease: its identity and its granted time to live in seconds. */
  public record Grant(long id, long seconds) {}

  /** Adds a lease and returns the time to live it got, in seconds. */
  public long grant(long id, long seconds) {
    if (seconds > MAXIMUM_SECONDS) {
      throw StoreError.LEASE_TTL_TOO_LARGE.exception();
    }
    long lasting = Math.max(seconds, MINIMUM_SECONDS);
    Held held = new Held(granted++, lasting, new ConcurrentSkipListSet<>(Keyspace.KEY_ORDER));
    if (leases.putIfAbsent(id, held) != null) {
      throw StoreError.LEASE_EXISTS.exception();
    }
    return lasting;
  }

  /** Takes a lease out and returns its keys, in key order. */
  public List<byte[]> revoke(long id) {
    Held held = leases.remove(id);
    if (held == null) {
      throw StoreError.LEASE_NOT_FOUND.exception();
    }
    return new ArrayList<>(held.keys());
  }

  /** Whether there is such a lease. */
  public boolean contains(long id) {
    return leases.containsKey(id);
  }

  /** A lease by its identity. */
  public @Nullable Grant find(long id) {
    Held held = leases.get(id);
    return held == null ? null : new Grant(id, held.seconds());
  }

  /** The keys of a lease, in key order; none for an unknown lease. */
  public List<byte[]> keys(long id) {
    Held held = leases.get(id);
    return held == null ? List.of() : new ArrayList<>(held.keys());
  }

  /** Hangs a key on a lease. */
  public void attach(long id, byte[] key) {
    Held held = leases.get(id);
    if (held != null) {
      held.keys().add(key);
    }
  }

  /** Takes a key off a lease. */
  public void detach(long id, byte[] key) {
    Held held = leases.get(id);
    if (held != null) {
      held.keys().remove(key);
    }
  }

  /** All leases, in the order in which they were granted. */
  public List<Grant> grants() {
    return leases.entrySet().stream()
        .sorted(Comparator.comparingLong(lease -> lease.getValue().order()))
        .map(lease -> new Grant(lease.getKey(), lease.getValue().seconds()))
        .toList();
  }
}
