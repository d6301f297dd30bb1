package dev.coxswain.apiserver.storage;

import dev.coxswain.apiserver.trace.RequestTrace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A store whose calls requests are told the time of. */
public final class TracedStore implements Store {
  private final Store store;

  /** Times the calls of this store. */
  public TracedStore(Store store) {
    this.store = store;
  }

  @Override
  public long revision() {
    try (var _ = RequestTrace.enterStore()) {
      return store.revision();
    }
  }

  @Override
  public Optional<StoredValue> get(String key) {
    try (var _ = RequestTrace.enterStore()) {
      return store.get(key);
    }
  }

  @Override
  public StorePage range(String from, String to, long revision, int limit) {
    try (var _ = RequestTrace.enterStore()) {
      return store.range(from, to, revision, limit);
    }
  }

  @Override
  public WriteOutcome commit(List<StoreWrite> writes) {
    try (var _ = RequestTrace.enterStore()) {
      return store.commit(writes);
    }
  }

  @Override
  public boolean stale(String key) {
    return store.stale(key);
  }

  @Override
  public StoreWatch watch(long fromRevision) {
    return store.watch(fromRevision);
  }

  @Override
  public long grantLease(Duration timeToLive) {
    try (var _ = RequestTrace.enterStore()) {
      return store.grantLease(timeToLive);
    }
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public void close() {
    store.close();
  }
}
