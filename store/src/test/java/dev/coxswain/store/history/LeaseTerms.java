package dev.coxswain.store.history;

import dev.coxswain.store.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leases last: no sign of a lease's end is seen before its time to live has passed since the client
 * last asked for a renewal that was confirmed. And their ends are final.
 */
public final class LeaseTerms {
  private LeaseTerms() {}

  /** Checks tenures against the ends found in the chronicle. */
  public static List<Violation> check(Recording recording, List<RevisionOrder.LeaseEnd> ends) {
    List<Violation> violations = new ArrayList<>();
    NavigableMap<Long, Long> evidence = evidence(recording);
    Map<Long, Tenure> tenures = new TreeMap<>();
    recording.tenures().forEach(tenure -> tenures.put(tenure.lease(), tenure));
    for (RevisionOrder.LeaseEnd end : ends) {
      Tenure tenure = tenures.get(end.lease());
      if (tenure == null || !tenure.revoked()) {
        early(end, tenure, evidence, violations);
      }
      for (List<Event> events : recording.chronicle().revisions().values()) {
        for (Event event : events) {
          if (event.revision() > end.revision()
              && event.now() != null
              && event.now().lease() == end.lease()) {
            violations.add(
                new Violation(Kind.LINGERING_KEY, event + " is on a lease that ended: " + end));
          }
        }
      }
    }
    return violations;
  }

  private static void early(
      RevisionOrder.LeaseEnd end,
      @Nullable Tenure tenure,
      NavigableMap<Long, Long> evidence,
      List<Violation> violations) {
    Map.Entry<Long, Long> seen = evidence.ceilingEntry(end.revision());
    if (tenure == null || seen == null) {
      return;
    }
    for (long asked : tenure.confirmed()) {
      long left = asked + tenure.nanos() - seen.getValue();
      if (left > 0) {
        violations.add(
            new Violation(
                Kind.EARLY_EXPIRY,
                "lease " + end.lease() + " was seen to be over with " + left + " ns left"));
        return;
      }
    }
  }

  /** For each revision that was seen, when it, or a later one, was seen first. */
  private static NavigableMap<Long, Long> evidence(Recording recording) {
    TreeMap<Long, Long> seen = new TreeMap<>();
    for (Watching watching : recording.watches()) {
      for (Watching.Sighting sighting : watching.sightings()) {
        if (sighting instanceof Watching.Sighting.Told told && !told.events().isEmpty()) {
          seen.merge(told.events().getLast().revision(), told.when(), Math::min);
        }
      }
    }
    for (Call call : recording.calls()) {
      long revision =
          switch (call.answer()) {
            case Answer.Written written -> written.revision();
            case Answer.Withheld withheld -> withheld.revision();
            case Answer.Found found -> found.revision();
            case Answer.Refused ignored -> 0;
            case Answer.Unknown ignored -> 0;
          };
      if (revision > 0) {
        seen.merge(revision, call.answered(), Math::min);
      }
    }
    long earliest = Long.MAX_VALUE;
    for (Map.Entry<Long, Long> one : seen.descendingMap().entrySet()) {
      earliest = Math.min(earliest, one.getValue());
      one.setValue(earliest);
    }
    return seen;
  }
}
