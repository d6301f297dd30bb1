package dev.coxswain.store.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that was ever written, by revision: what the store itself says has happened. */
public final class Chronicle {
  /** The revision of an empty store. */
  public static final long EMPTY = 1;

  private final TreeMap<Long, List<Event>> revisions = new TreeMap<>();
  private final TreeMap<String, TreeMap<Long, Event>> keys = new TreeMap<>();

  /** A chronicle of these events, in any order. */
  public Chronicle(Collection<Event> events) {
    for (Event event : events) {
      revisions.computeIfAbsent(event.revision(), ignored -> new ArrayList<>()).add(event);
      keys.computeIfAbsent(event.key(), ignored -> new TreeMap<>()).put(event.revision(), event);
    }
  }

  /** The last revision. */
  public long last() {
    return revisions.isEmpty() ? EMPTY : revisions.lastKey();
  }

  /** Each revision with its events. */
  public Map<Long, List<Event>> revisions() {
    return revisions;
  }

  /** What a key held at a revision. */
  public @Nullable Entry at(String key, long revision) {
    TreeMap<Long, Event> history = keys.get(key);
    Map.Entry<Long, Event> event = history == null ? null : history.floorEntry(revision);
    return event == null ? null : event.getValue().now();
  }

  /** What a range held at a revision, in key order. */
  public List<Entry> range(String from, String to, long revision) {
    return keys.subMap(from, to).keySet().stream()
        .map(key -> at(key, revision))
        .filter(Objects::nonNull)
        .toList();
  }

  /** The events in a range from a revision on, in order. */
  List<Event> events(String from, String to, long first) {
    List<Event> events = new ArrayList<>();
    for (List<Event> revision : revisions.tailMap(first, true).values()) {
      revision.stream().filter(event -> event.within(from, to)).forEach(events::add);
    }
    return events;
  }

  /** The keys on each lease at a revision. */
  Map<Long, List<String>> leased(long revision) {
    Map<Long, List<String>> leased = new HashMap<>();
    for (String key : keys.keySet()) {
      Entry entry = at(key, revision);
      if (entry != null && entry.lease() != 0) {
        leased.computeIfAbsent(entry.lease(), ignored -> new ArrayList<>()).add(key);
      }
    }
    return leased;
  }

  /** What a write does to the store as of the revision before, if it becomes this revision. */
  List<Event> effect(Request.Write write, long revision) {
    List<Event> events = new ArrayList<>();
    for (Change change : write.changes()) {
      Entry before = at(change.key(), revision - 1);
      switch (change) {
        case Change.Put put ->
            events.add(
                new Event(
                    revision,
                    put.key(),
                    new Entry(
                        put.key(),
                        put.value(),
                        before == null ? revision : before.create(),
                        revision,
                        before == null ? 1 : before.version() + 1,
                        put.lease())));
        case Change.Delete delete -> {
          if (before != null) {
            events.add(new Event(revision, delete.key(), null));
          }
        }
      }
    }
    return events;
  }

  /** Whether all guards of a write hold at a revision. */
  boolean holds(Request.Write write, long revision) {
    return write.guards().stream()
        .allMatch(guard -> {
          Entry entry = at(guard.key(), revision);
          return (entry == null ? 0 : entry.mod()) == guard.mod();
        });
  }

  /** Holes in the order of revisions, and entries that miscount. */
  List<Violation> ownViolations() {
    List<Violation> violations = new ArrayList<>();
    long expected = EMPTY + 1;
    for (Map.Entry<Long, List<Event>> revision : revisions.entrySet()) {
      if (revision.getKey() != expected) {
        violations.add(broken("revision %d follows %d".formatted(revision.getKey(), expected - 1)));
        expected = revision.getKey();
      }
      expected++;
      for (Event event : revision.getValue()) {
        Entry before = at(event.key(), event.revision() - 1);
        Entry now = event.now();
        if (now == null ? before == null : !follows(event, before, now)) {
          violations.add(broken(event + " cannot follow " + before));
        }
      }
    }
    return violations;
  }

  private static boolean follows(Event event, @Nullable Entry before, Entry now) {
    return now.mod() == event.revision()
        && now.version() == (before == null ? 1 : before.version() + 1)
        && now.create() == (before == null ? event.revision() : before.create());
  }

  private static Violation broken(String what) {
    return new Violation(Violation.Kind.BROKEN_CHRONICLE, what);
  }
}
