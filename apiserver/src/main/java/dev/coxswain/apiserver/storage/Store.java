package dev.coxswain.apiserver.storage;

import dev.coxswain.api.meta.GroupResource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the API server needs of the replicated store. Calls block and have a deadline of their own;
 * any may throw {@link StoreUnavailableException}.
 */
public interface Store extends AutoCloseable {

  /** The store that keeps this resource, whose revisions its objects have. */
  default Store holding(GroupResource resource) {
    return this;
  }

  /** The stores that this one is made of; the first keeps what no other does. */
  default List<Store> parts() {
    return List.of(this);
  }

  /** The current revision, linearizable: everything acknowledged before the call is at or below. */
  long revision();

  /** The value of a key, linearizable. */
  Optional<StoredValue> get(String key);

  /**
   * Values of the keys in {@code [from, to)}.
   *
   * @param revision as of when; 0 is now, linearizable
   * @param limit how many at most
   * @throws CompactedException when the revision is gone
   */
  StorePage range(String from, String to, long revision, int limit);

  /**
   * Makes all of these changes, or none of them where a key is not in the state that its change
   * expects. The first change is the object; others are what must change with it.
   */
  WriteOutcome commit(List<StoreWrite> writes);

  /**
   * Whether the value of a key is kept in another way than it would be if it were written now, so
   * that writing it again makes a difference although it says the same.
   */
  default boolean stale(String key) {
    return false;
  }

  /** Opens a stream of all changes from this revision on, itself included. */
  StoreWatch watch(long fromRevision);

  /** Grants a lease. */
  long grantLease(Duration timeToLive);

  /** Forgets the history before a revision. */
  void compact(long revision);

  @Override
  void close();
}
