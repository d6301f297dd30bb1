package dev.coxswain.store.history;

import dev.coxswain.store.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what a watcher was told against the chronicle: all of it, in order, once, whole. */
public final class WatchOrder {
  private final Watching watching;
  private final List<Event> expected;
  private final Set<Event> told = new HashSet<>();
  private int next;
  private @Nullable Violation violation;

  private WatchOrder(Watching watching, Chronicle chronicle) {
    this.watching = watching;
    this.expected = chronicle.events(watching.from(), watching.to(), watching.start());
  }

  /** The first violation, since after one the rest is noise; empty if there is none. */
  public static List<Violation> check(Watching watching, Chronicle chronicle) {
    WatchOrder order = new WatchOrder(watching, chronicle);
    for (Watching.Sighting sighting : watching.sightings()) {
      order.sighting(sighting);
      if (order.violation != null) {
        return List.of(order.violation);
      }
    }
    return order.next < order.expected.size()
        ? List.of(order.violated(Kind.DROPPED_EVENT, "never told: " + order.expected(0)))
        : List.of();
  }

  private Violation violated(Kind kind, String what) {
    return new Violation(kind, watching.name() + ": " + what);
  }

  private @Nullable Event expected(int ahead) {
    return next + ahead < expected.size() ? expected.get(next + ahead) : null;
  }

  private void sighting(Watching.Sighting sighting) {
    switch (sighting) {
      case Watching.Sighting.Told(List<Event> events, long ignored) -> {
        told(events);
      }
      case Watching.Sighting.Progress(long revision) -> {
        Event missing = expected(0);
        if (missing != null && missing.revision() <= revision) {
          violation =
              violated(Kind.DROPPED_EVENT, "progress to " + revision + " without " + missing);
        }
      }
      case Watching.Sighting.Resumed() -> {}
      case Watching.Sighting.Skipped(long start) -> {
        while (next < expected.size() && expected.get(next).revision() < start) {
          next++;
        }
      }
    }
  }

  private void told(List<Event> events) {
    int at = 0;
    // The order of the keys of one revision is not promised; nor is it to us.
    while (at < events.size() && violation == null) {
      int end = at;
      while (end < events.size() && events.get(end).revision() == events.get(at).revision()) {
        end++;
      }
      revision(events.subList(at, end));
      at = end;
    }
  }

  private void revision(List<Event> events) {
    Event first = events.getFirst();
    List<Event> wanted = new ArrayList<>();
    for (int i = next; i < expected.size() && sameRevision(expected.get(i), first); i++) {
      wanted.add(expected.get(i));
    }
    if (wanted.size() == events.size() && new HashSet<>(wanted).equals(new HashSet<>(events))) {
      next += wanted.size();
      told.addAll(events);
      return;
    }
    for (Event event : events) {
      if (told.contains(event)) {
        violation = violated(Kind.DUPLICATED_EVENT, "told again: " + event);
        return;
      }
      if (!expected.contains(event)) {
        violation = violated(Kind.WRONG_EVENT, "never written: " + event);
        return;
      }
    }
    Event missing = expected(0);
    boolean torn = missing != null && sameRevision(missing, first);
    violation =
        torn
            ? violated(Kind.TORN_REVISION, "only " + events + " of " + wanted)
            : toldLater(missing)
                ? violated(Kind.REORDERED_EVENT, first + " came before " + missing)
                : violated(Kind.DROPPED_EVENT, first + " came without " + missing);
  }

  private static boolean sameRevision(Event some, Event other) {
    return some.revision() == other.revision();
  }

  private boolean toldLater(@Nullable Event event) {
    return watching.sightings().stream()
        .anyMatch(sighting ->
            sighting instanceof Watching.Sighting.Told later && later.events().contains(event));
  }
}
