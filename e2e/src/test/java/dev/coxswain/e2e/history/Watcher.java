package dev.coxswain.e2e.history;

import dev.coxswain.e2e.history.Violation.Kind;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what a watcher saw against the chronicle: all of it, in order, once, by its name. */
final class Watcher {
  private final Watching watching;
  private final Chronicle chronicle;
  private final Set<Long> told = new HashSet<>();
  private long last;

  Watcher(Watching watching, Chronicle chronicle) {
    this.watching = watching;
    this.chronicle = chronicle;
    this.last = watching.from();
  }

  /** The first thing that is wrong. */
  Optional<Violation> first() {
    for (Watching.Sighting sighting : watching.sightings()) {
      @Nullable Violation violation = sighting(sighting);
      if (violation != null) {
        return Optional.of(violation);
      }
    }
    return Optional.ofNullable(missing(watching.to(), "the end"));
  }

  private @Nullable Violation sighting(Watching.Sighting sighting) {
    return switch (sighting) {
      case Watching.Sighting.Told event -> told(event);
      case Watching.Sighting.Bookmark(long revision) -> {
        Violation missing = missing(revision, "a bookmark");
        last = Math.max(last, revision);
        yield missing;
      }
      case Watching.Sighting.Relisted(long revision) -> {
        Violation back =
            revision < last ? violation(Kind.WENT_BACK, "relisted at " + revision) : null;
        last = Math.max(last, revision);
        yield back;
      }
    };
  }

  private @Nullable Violation told(Watching.Sighting.Told event) {
    Change change = event.change();
    long revision = change.revision();
    if (revision <= last) {
      return violation(
          told.contains(revision) ? Kind.DUPLICATED_EVENT : Kind.REORDERED_EVENT,
          event + " after " + last);
    }
    Violation missing = missing(revision - 1, event.toString());
    if (missing != null) {
      return missing;
    }
    told.add(revision);
    last = revision;
    Change before = chronicle.before(change.name(), revision);
    boolean there = before != null && !before.deletion();
    String type = change.deletion() ? "DELETED" : there ? "MODIFIED" : "ADDED";
    return type.equals(event.type())
        ? null
        : violation(Kind.WRONG_EVENT, event + " after " + before);
  }

  private @Nullable Violation missing(long upTo, String where) {
    Collection<Change> missed = chronicle.between(last, upTo);
    return missed.isEmpty()
        ? null
        : violation(Kind.DROPPED_EVENT, missed.iterator().next() + " is missing before " + where);
  }

  private Violation violation(Kind kind, String what) {
    return new Violation(kind, watching.name() + ": " + what);
  }
}
