package dev.coxswain.apiserver.storage;

import dev.coxswain.api.meta.GroupResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several stores as one: some resources are kept in stores of their own, everything else in the
 * main one. Each has revisions of its own; what is said of no key, such as {@link #revision()}, is
 * said of the main one.
 *
 * <p>No transaction spans two stores. Where a change must come with others that another store
 * keeps, those are made before it: what a quota is charged, or an address that is taken, is given
 * back by who counts and repairs, while something uncounted would stay so.
 */
public final class SplitStore implements Store {
  private final Store main;
  private final Map<GroupResource, Store> overrides;

  /** Keeps these resources elsewhere; several may be kept in the same store. */
  public SplitStore(Store main, Map<GroupResource, Store> overrides) {
    this.main = main;
    this.overrides = Map.copyOf(overrides);
  }

  @Override
  public Store holding(GroupResource resource) {
    return overrides.getOrDefault(resource, main);
  }

  private Store holding(String key) {
    GroupResource resource = StoreKeys.resource(key);
    return resource == null ? main : holding(resource);
  }

  @Override
  public List<Store> parts() {
    Set<Store> parts = new LinkedHashSet<>();
    parts.add(main);
    overrides.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparing(GroupResource::toString)))
        .forEach(override -> parts.add(override.getValue()));
    return List.copyOf(parts);
  }

  @Override
  public long revision() {
    return main.revision();
  }

  @Override
  public Optional<StoredValue> get(String key) {
    return holding(key).get(key);
  }

  @Override
  public StorePage range(String from, String to, long revision, int limit) {
    return holding(from).range(from, to, revision, limit);
  }

  @Override
  public WriteOutcome commit(List<StoreWrite> writes) {
    Store own = holding(writes.getFirst().key());
    List<StoreWrite> last = new ArrayList<>();
    Map<Store, List<StoreWrite>> split = new LinkedHashMap<>();
    for (StoreWrite write : writes) {
      Store keeper = holding(write.key());
      if (keeper.equals(own)) {
        last.add(write);
      } else {
        split.computeIfAbsent(keeper, _ -> new ArrayList<>()).add(write);
      }
    }
    for (Map.Entry<Store, List<StoreWrite>> part : split.entrySet()) {
      if (part.getKey().commit(part.getValue()) instanceof WriteOutcome.Conflict) {
        return conflict(writes);
      }
    }
    WriteOutcome outcome = own.commit(last);
    return outcome instanceof WriteOutcome.Conflict && !split.isEmpty()
        ? conflict(writes)
        : outcome;
  }

  private WriteOutcome.Conflict conflict(List<StoreWrite> writes) {
    List<@Nullable StoredValue> found = new ArrayList<>();
    for (StoreWrite write : writes) {
      found.add(get(write.key()).orElse(null));
    }
    return new WriteOutcome.Conflict(found);
  }

  @Override
  public boolean stale(String key) {
    return holding(key).stale(key);
  }

  @Override
  public StoreWatch watch(long fromRevision) {
    return main.watch(fromRevision);
  }

  @Override
  public long grantLease(Duration timeToLive) {
    return main.grantLease(timeToLive);
  }

  @Override
  public void compact(long revision) {
    main.compact(revision);
  }

  @Override
  public void close() {
    parts().forEach(Store::close);
  }
}
