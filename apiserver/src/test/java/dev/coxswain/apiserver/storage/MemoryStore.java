package dev.coxswain.apiserver.storage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory with real revisions, history and compaction, whose streams a test can break.
 * Leases do not expire.
 */
public final class MemoryStore implements Store {
  private final NavigableMap<String, StoredValue> current = new TreeMap<>();
  private final List<StoreChange> history = new ArrayList<>();
  private long revision = 1;
  private long compacted;
  private long leases;
  private int brokenStreams;
  private boolean away;

  @Override
  public synchronized long revision() {
    return revision;
  }

  @Override
  public synchronized Optional<StoredValue> get(String key) {
    return Optional.ofNullable(current.get(key));
  }

  @Override
  public synchronized StorePage range(String from, String to, long wanted, int limit) {
    if (wanted != 0 && wanted < compacted) {
      throw new CompactedException("revision " + wanted + " is compacted");
    }
    NavigableMap<String, StoredValue> state = wanted == 0 ? current : at(wanted);
    Map<String, StoredValue> range = state.subMap(from, to);
    List<StoredValue> values = range.values().stream().limit(limit).toList();
    return new StorePage(
        values, wanted == 0 ? revision : wanted, values.size() < range.size(), range.size());
  }

  private NavigableMap<String, StoredValue> at(long wanted) {
    NavigableMap<String, StoredValue> state = new TreeMap<>();
    for (StoreChange change : history) {
      if (change.revision() <= wanted) {
        switch (change) {
          case StoreChange.Put put -> state.put(put.key(), put.value());
          case StoreChange.Delete delete -> state.remove(delete.key());
        }
      }
    }
    return state;
  }

  @Override
  public synchronized WriteOutcome commit(List<StoreWrite> writes) {
    List<@Nullable StoredValue> found = new ArrayList<>();
    boolean fits = true;
    for (StoreWrite write : writes) {
      StoredValue value = current.get(write.key());
      found.add(value);
      long is = value == null ? StoreWrite.ABSENT : value.revision();
      fits &= write.expected() == StoreWrite.ANY || write.expected() == is;
    }
    if (!fits) {
      return new WriteOutcome.Conflict(found);
    }
    boolean changes =
        writes.stream()
            .anyMatch(write ->
                switch (write) {
                  case StoreWrite.Put put -> true;
                  case StoreWrite.Delete delete -> current.containsKey(delete.key());
                  case StoreWrite.Check check -> false;
                });
    if (!changes) {
      // Deleting what is not there makes no revision.
      return new WriteOutcome.Done(revision);
    }
    revision++;
    for (StoreWrite write : writes) {
      switch (write) {
        case StoreWrite.Put put -> {
          StoredValue value = new StoredValue(put.key(), put.bytes(), revision);
          current.put(put.key(), value);
          history.add(new StoreChange.Put(value));
        }
        case StoreWrite.Delete delete -> {
          if (current.remove(delete.key()) != null) {
            history.add(new StoreChange.Delete(delete.key(), revision));
          }
        }
        case StoreWrite.Check check -> {
          // It was looked at above.
        }
      }
    }
    notifyAll();
    return new WriteOutcome.Done(revision);
  }

  /** Opens no stream until it is called with false, and breaks those that are open. */
  public synchronized void away(boolean now) {
    away = now;
    breakStreams();
  }

  @Override
  public synchronized StoreWatch watch(long fromRevision) {
    if (away) {
      throw new StoreUnavailableException("away", false, new IllegalStateException());
    }
    return new Stream(fromRevision, brokenStreams);
  }

  /** Breaks every stream that is open. */
  public synchronized void breakStreams() {
    brokenStreams++;
    notifyAll();
  }

  @Override
  public synchronized long grantLease(Duration timeToLive) {
    return ++leases;
  }

  @Override
  public synchronized void compact(long upTo) {
    compacted = Math.max(compacted, Math.min(upTo, revision));
  }

  @Override
  public void close() {}

  private final class Stream implements StoreWatch {
    private final int generation;
    private long next;

    Stream(long from, int generation) {
      this.next = from;
      this.generation = generation;
    }

    @Override
    public List<StoreChange> next(Duration wait) throws InterruptedException {
      synchronized (MemoryStore.this) {
        if (next > revision && generation == brokenStreams && wait.isPositive()) {
          MemoryStore.this.wait(wait.toMillis());
        }
        if (generation != brokenStreams) {
          throw new StoreUnavailableException("broken", false, new IllegalStateException());
        }
        if (next <= compacted) {
          throw new CompactedException("compacted up to " + compacted);
        }
        List<StoreChange> changes =
            history.stream().filter(change -> change.revision() >= next).limit(3).toList();
        if (changes.isEmpty()) {
          return changes;
        }
        // All changes of one revision come in one batch.
        long last = changes.getLast().revision();
        List<StoreChange> batch =
            history.stream()
                .filter(change -> change.revision() >= next && change.revision() <= last)
                .toList();
        next = last + 1;
        return batch;
      }
    }

    @Override
    public void close() {}
  }
}
