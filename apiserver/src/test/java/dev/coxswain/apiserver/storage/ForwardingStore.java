package dev.coxswain.apiserver.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Hands everything on to another store; a test changes what it is about. */
public abstract class ForwardingStore implements Store {
  private final Store store;

  protected ForwardingStore(Store store) {
    this.store = store;
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public Optional<StoredValue> get(String key) {
    return store.get(key);
  }

  @Override
  public StorePage range(String from, String to, long revision, int limit) {
    return store.range(from, to, revision, limit);
  }

  @Override
  public WriteOutcome commit(List<StoreWrite> writes) {
    return store.commit(writes);
  }

  @Override
  public StoreWatch watch(long fromRevision) {
    return store.watch(fromRevision);
  }

  @Override
  public long grantLease(Duration timeToLive) {
    return store.grantLease(timeToLive);
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
