package dev.coxswain.e2e.history;

import dev.coxswain.e2e.history.Violation.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that happened, put together from all that anybody was told. */
final class Chronicle {
  private final NavigableMap<Long, Change> all = new TreeMap<>();
  private final Map<String, NavigableMap<Long, Change>> byName = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  static Chronicle of(Recording recording) {
    Chronicle chronicle = new Chronicle();
    for (Watching watching : recording.watches()) {
      for (Watching.Sighting sighting : watching.sightings()) {
        if (sighting instanceof Watching.Sighting.Told told) {
          chronicle.add(told.change(), Kind.WRONG_EVENT);
        }
      }
    }
    for (Call call : recording.calls()) {
      switch (call) {
        case Call.Wrote wrote -> chronicle.add(wrote.change(), Kind.LOST_WRITE);
        case Call.Read read -> chronicle.addFound(read.found());
        case Call.Listed listed -> listed.found().values().forEach(chronicle::addFound);
        case Call.Deleted deleted -> {}
        case Call.Refused refused -> {}
      }
    }
    return chronicle;
  }

  private void addFound(Change change) {
    if (!change.deletion()) {
      add(change, Kind.WRONG_CONTENT);
    }
  }

  private void add(Change change, Kind otherwise) {
    Change known = all.putIfAbsent(change.revision(), change);
    if (known == null) {
      byName
          .computeIfAbsent(change.name(), ignored -> new TreeMap<>())
          .put(change.revision(), change);
    } else if (!known.equals(change)) {
      violations.add(new Violation(otherwise, change + " where there is " + known));
    }
  }

  /** What was told differently to different ones. */
  List<Violation> violations() {
    return violations;
  }

  Collection<Change> changes() {
    return all.values();
  }

  /** The changes after one revision, up to and with another. */
  Collection<Change> between(long after, long upTo) {
    return upTo <= after ? List.of() : all.subMap(after, false, upTo, true).values();
  }

  /** The last change of an object before a revision. */
  @Nullable Change before(String name, long revision) {
    return value(history(name).lowerEntry(revision));
  }

  /** The next change of an object after a revision. */
  @Nullable Change after(String name, long revision) {
    return value(history(name).higherEntry(revision));
  }

  private NavigableMap<Long, Change> history(String name) {
    return byName.getOrDefault(name, new TreeMap<>());
  }

  private static @Nullable Change value(Map.@Nullable Entry<Long, Change> entry) {
    return entry == null ? null : entry.getValue();
  }

  /** All objects as of a revision. */
  Map<String, Change> state(long revision) {
    Map<String, Change> state = new HashMap<>();
    byName.forEach((name, history) -> {
      Change last = value(history.floorEntry(revision));
      if (last != null && !last.deletion()) {
        state.put(name, last);
      }
    });
    return state;
  }
}
