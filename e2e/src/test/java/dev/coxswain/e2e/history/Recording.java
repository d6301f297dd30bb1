package dev.coxswain.e2e.history;

import dev.coxswain.e2e.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A whole history: what clients did and were told, and what watchers saw. */
public record Recording(List<Call> calls, List<Watching> watches) {

  /** Everything wrong with it. */
  public List<Violation> violations() {
    Chronicle chronicle = Chronicle.of(this);
    List<Violation> violations = new ArrayList<>(chronicle.violations());
    tokens(chronicle, violations);
    Known known = new Known(calls);
    for (Call call : calls) {
      check(call, chronicle, known, violations);
    }
    for (Watching watching : watches) {
      watch(watching, chronicle, violations);
    }
    return violations;
  }

  private void tokens(Chronicle chronicle, List<Violation> violations) {
    Map<String, Change> seen = new HashMap<>();
    for (Change change : chronicle.changes()) {
      Change first = change.deletion() ? null : seen.put(change.token(), change);
      if (first != null) {
        violations.add(new Violation(Kind.DOUBLE_APPLICATION, first + " and " + change));
      }
    }
    for (Call call : calls) {
      if (call instanceof Call.Refused refused && seen.containsKey(refused.token())) {
        violations.add(
            new Violation(Kind.PHANTOM_WRITE, "refused, but " + seen.get(refused.token())));
      }
    }
  }

  /** What was known when: the highest revision that any answer had told before a moment. */
  private static final class Known {
    private final NavigableMap<Long, Long> revisions = new TreeMap<>();
    private final Map<String, NavigableMap<Long, Long>> byName = new HashMap<>();

    Known(List<Call> calls) {
      for (Call call : calls) {
        switch (call) {
          case Call.Wrote wrote -> told(wrote.answered(), wrote.change());
          case Call.Read read -> told(read.answered(), read.found());
          case Call.Listed listed -> {
            note(revisions, listed.answered(), listed.revision());
            listed.found().values().forEach(change -> told(listed.answered(), change));
          }
          case Call.Deleted deleted -> {
            note(revisions, deleted.answered(), deleted.base() + 1);
            note(names(deleted.name()), deleted.answered(), deleted.base() + 1);
          }
          case Call.Refused refused -> {}
        }
      }
    }

    private NavigableMap<Long, Long> names(String name) {
      return byName.computeIfAbsent(name, ignored -> new TreeMap<>());
    }

    private void told(long when, Change change) {
      note(revisions, when, change.revision());
      note(names(change.name()), when, change.revision());
    }

    private static void note(NavigableMap<Long, Long> known, long when, long revision) {
      if (highest(known, when + 1) >= revision) {
        return;
      }
      known.put(when, revision);
      NavigableMap<Long, Long> later = known.tailMap(when, false);
      later.values().removeIf(other -> other <= revision);
    }

    private static long highest(NavigableMap<Long, Long> known, long before) {
      Map.Entry<Long, Long> entry = known.lowerEntry(before);
      return entry == null ? 0 : entry.getValue();
    }

    long before(long moment) {
      return highest(revisions, moment);
    }

    long before(long moment, String name) {
      return highest(names(name), moment);
    }
  }

  private static void check(
      Call call, Chronicle chronicle, Known known, List<Violation> violations) {
    switch (call) {
      case Call.Wrote wrote -> {
        Change change = wrote.change();
        if (change.revision() <= known.before(wrote.asked())) {
          violations.add(new Violation(Kind.WENT_BACK, "written at " + wrote));
        }
        Change replaced = chronicle.before(change.name(), change.revision());
        if (wrote.base() != 0 && (replaced == null || replaced.revision() != wrote.base())) {
          violations.add(new Violation(Kind.LOST_UPDATE, replaced + " was replaced by " + wrote));
        }
      }
      case Call.Deleted deleted -> {
        Change next = chronicle.after(deleted.name(), deleted.base());
        if (next == null || !next.deletion()) {
          violations.add(
              new Violation(
                  next == null ? Kind.LOST_WRITE : Kind.LOST_UPDATE,
                  deleted + ", but then came " + next));
        }
      }
      case Call.Read read -> read(read, chronicle, known, violations);
      case Call.Listed listed -> {
        if (listed.revision() < known.before(listed.asked())) {
          violations.add(
              new Violation(
                  Kind.WENT_BACK,
                  "list at "
                      + listed.revision()
                      + " asked after "
                      + known.before(listed.asked())
                      + " was known"));
        }
        Map<String, Change> state = chronicle.state(listed.revision());
        if (!state.equals(listed.found())) {
          violations.add(
              new Violation(
                  Kind.WRONG_CONTENT,
                  "list at "
                      + listed.revision()
                      + ": "
                      + difference(listed.found(), state)
                      + " instead of "
                      + difference(state, listed.found())));
        }
      }
      case Call.Refused refused -> {}
    }
  }

  private static Set<Change> difference(Map<String, Change> one, Map<String, Change> other) {
    Set<Change> difference = new HashSet<>(one.values());
    difference.removeAll(other.values());
    return difference;
  }

  private static void read(
      Call.Read read, Chronicle chronicle, Known known, List<Violation> violations) {
    Change found = read.found();
    long floor = known.before(read.asked(), found.name());
    boolean stale;
    if (found.deletion()) {
      // There must be a moment at or after what was known when there was none.
      Change at = chronicle.before(found.name(), floor + 1);
      stale = at != null && !at.deletion() && !deletedAfter(chronicle, at);
    } else {
      @Nullable Change next = chronicle.after(found.name(), found.revision());
      stale = next != null && next.revision() <= floor;
    }
    if (stale) {
      violations.add(
          new Violation(Kind.STALE_READ, read + " although " + floor + " was known before"));
    }
  }

  private static boolean deletedAfter(Chronicle chronicle, Change change) {
    Change next = chronicle.after(change.name(), change.revision());
    while (next != null && !next.deletion()) {
      next = chronicle.after(next.name(), next.revision());
    }
    return next != null;
  }

  /** The first violation only: after one the rest is noise. */
  private static void watch(Watching watching, Chronicle chronicle, List<Violation> violations) {
    Watcher watcher = new Watcher(watching, chronicle);
    watcher.first().ifPresent(violations::add);
  }
}
