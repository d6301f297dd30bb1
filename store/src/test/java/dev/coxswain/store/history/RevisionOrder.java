package dev.coxswain.store.history;

import dev.coxswain.store.history.Violation.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Holds every answer against the chronicle. Since each answer carries its revision, each call has
 * its place in one total order: a write is its revision, a read comes after the revision it
 * answers. The history is linearizable if every place shows the answer's content and no call stands
 * before one that was answered before it was asked. Calls without a known outcome may stand
 * anywhere after they were asked, once, or nowhere.
 */
public final class RevisionOrder {
  private final List<Call> calls;
  private final Chronicle chronicle;
  private final List<Violation> violations = new ArrayList<>();
  private final List<Placed> placed = new ArrayList<>();
  private final List<LeaseEnd> leaseEnds = new ArrayList<>();
  private final Map<Long, Call> acknowledged = new HashMap<>();
  private final Map<String, Call> writers = new HashMap<>();
  private final List<Call> openDeletes = new ArrayList<>();
  private final Set<Call> applied = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * A call and its place: twice the revision for a write, one more for a read of that revision.
   *
   * @param follows whether real time binds it to come after others; not so for serializable reads
   */
  private record Placed(Call call, long answered, long place, boolean follows) {}

  /** A revision that took all keys of a lease away without any client asking for it. */
  public record LeaseEnd(long lease, long revision) {}

  /** What the check came to. */
  public record Result(List<Violation> violations, List<LeaseEnd> leaseEnds) {}

  private RevisionOrder(List<Call> calls, Chronicle chronicle) {
    this.calls = calls;
    this.chronicle = chronicle;
  }

  /** Checks calls against the chronicle. */
  public static Result check(List<Call> calls, Chronicle chronicle) {
    RevisionOrder order = new RevisionOrder(calls, chronicle);
    order.violations.addAll(chronicle.ownViolations());
    order.index();
    order.attribute();
    calls.forEach(order::answer);
    order.realTime();
    return new Result(List.copyOf(order.violations), List.copyOf(order.leaseEnds));
  }

  private void violated(Kind kind, String what) {
    violations.add(new Violation(kind, what));
  }

  private void index() {
    for (Call call : calls) {
      if (!(call.request() instanceof Request.Write write)) {
        continue;
      }
      boolean deletesOnly = true;
      for (Change change : write.changes()) {
        if (change instanceof Change.Put put) {
          writers.put(put.key() + '\0' + put.value(), call);
          deletesOnly = false;
        }
      }
      if (call.answer() instanceof Answer.Written written && changes(write, written)) {
        Call other = acknowledged.put(written.revision(), call);
        if (other != null) {
          violated(Kind.DOUBLE_REVISION, "%s and %s".formatted(other, call));
        }
      } else if (deletesOnly && call.answer() instanceof Answer.Unknown) {
        openDeletes.add(call);
      }
    }
    openDeletes.sort(Comparator.comparingLong(Call::asked));
  }

  /** A delete that found nothing is acknowledged without a revision of its own. */
  private static boolean changes(Request.Write write, Answer.Written written) {
    return !written.before().isEmpty()
        || write.changes().stream().anyMatch(Change.Put.class::isInstance);
  }

  /** Finds out for each revision whose it is. */
  private void attribute() {
    chronicle
        .revisions()
        .forEach((revision, events) -> {
          Call owner = acknowledged.get(revision);
          if (owner != null) {
            acknowledgedRevision(owner, revision, events);
          } else if (events.stream().anyMatch(event -> event.now() != null)) {
            putsWithoutAnswer(revision, events);
          } else {
            deletesWithoutAnswer(revision, events);
          }
        });
    acknowledged.forEach((revision, call) -> {
      if (!applied.contains(call)) {
        violated(
            Kind.LOST_WRITE,
            "revision %d is not what was acknowledged: %s".formatted(revision, call));
      }
    });
  }

  private void acknowledgedRevision(Call owner, long revision, List<Event> events) {
    Request.Write write = (Request.Write) owner.request();
    if (!sameEvents(chronicle.effect(write, revision), events)) {
      return;
    }
    applied.add(owner);
    placed.add(new Placed(owner, owner.answered(), 2 * revision, true));
    if (!chronicle.holds(write, revision - 1)) {
      violated(Kind.BROKEN_GUARD, "a guard of %s did not hold".formatted(owner));
    }
    List<Entry> before =
        write.changes().stream()
            .map(change -> chronicle.at(change.key(), revision - 1))
            .filter(Objects::nonNull)
            .toList();
    if (owner.answer() instanceof Answer.Written written && !written.before().equals(before)) {
      violated(Kind.WRONG_CONTENT, "before %s there was %s".formatted(owner, before));
    }
  }

  private static boolean sameEvents(List<Event> some, List<Event> others) {
    return some.size() == others.size() && new HashSet<>(some).equals(new HashSet<>(others));
  }

  private void putsWithoutAnswer(long revision, List<Event> events) {
    Call owner = null;
    for (Event event : events) {
      if (event.now() != null) {
        owner = writers.get(event.key() + '\0' + event.now().value());
      }
    }
    if (owner == null) {
      violated(Kind.PHANTOM_WRITE, "nobody asked for %s".formatted(events));
      return;
    }
    Request.Write write = (Request.Write) owner.request();
    switch (owner.answer()) {
      case Answer.Written written ->
          violated(Kind.DOUBLE_APPLICATION, "revision %d is %s again".formatted(revision, owner));
      case Answer.Refused refused ->
          violated(Kind.PHANTOM_WRITE, "revision %d was refused: %s".formatted(revision, owner));
      case Answer.Withheld withheld ->
          violated(Kind.BROKEN_GUARD, "revision %d was withheld: %s".formatted(revision, owner));
      case Answer.Found found -> violated(Kind.PHANTOM_WRITE, "a read wrote: %s".formatted(owner));
      case Answer.Unknown unknown -> {
        if (!applied.add(owner)) {
          violated(Kind.DOUBLE_APPLICATION, "revision %d is %s again".formatted(revision, owner));
        } else if (!sameEvents(chronicle.effect(write, revision), events)) {
          violated(Kind.PHANTOM_WRITE, "revision %d is not all of %s".formatted(revision, owner));
        } else if (!chronicle.holds(write, revision - 1)) {
          violated(Kind.BROKEN_GUARD, "a guard of %s did not hold".formatted(owner));
        }
        placed.add(new Placed(owner, Long.MAX_VALUE, 2 * revision, true));
      }
    }
  }

  private void deletesWithoutAnswer(long revision, List<Event> events) {
    // Of several deletes that could have been it, the one asked first leaves most room to the rest.
    for (Call call : openDeletes) {
      Request.Write write = (Request.Write) call.request();
      if (!applied.contains(call)
          && sameEvents(chronicle.effect(write, revision), events)
          && chronicle.holds(write, revision - 1)) {
        applied.add(call);
        placed.add(new Placed(call, Long.MAX_VALUE, 2 * revision, true));
        return;
      }
    }
    Set<String> gone = new HashSet<>();
    events.forEach(event -> gone.add(event.key()));
    for (Map.Entry<Long, List<String>> lease : chronicle.leased(revision - 1).entrySet()) {
      if (new HashSet<>(lease.getValue()).equals(gone)) {
        leaseEnds.add(new LeaseEnd(lease.getKey(), revision));
        return;
      }
      if (lease.getValue().containsAll(gone)) {
        violated(
            Kind.LINGERING_KEY,
            "revision %d takes %s off lease %d but not %s"
                .formatted(revision, gone, lease.getKey(), lease.getValue()));
        return;
      }
    }
    violated(Kind.PHANTOM_WRITE, "nobody asked for %s".formatted(events));
  }

  /** Checks what an answer shows, and places what is not placed by its own revision. */
  private void answer(Call call) {
    switch (call.answer()) {
      case Answer.Found found -> found(call, (Request.Read) call.request(), found);
      case Answer.Withheld withheld -> {
        Request.Write write = (Request.Write) call.request();
        if (reached(call, withheld.revision())) {
          if (chronicle.holds(write, withheld.revision())) {
            violated(Kind.BROKEN_GUARD, "all guards of %s held".formatted(call));
          }
          List<Entry> guarded =
              write.guards().stream()
                  .map(guard -> chronicle.at(guard.key(), withheld.revision()))
                  .filter(Objects::nonNull)
                  .toList();
          same(call, withheld.guarded(), guarded);
          placed.add(new Placed(call, call.answered(), 2 * withheld.revision() + 1, true));
        }
      }
      case Answer.Written written -> {
        Request.Write write = (Request.Write) call.request();
        if (!changes(write, written) && reached(call, written.revision())) {
          // It must have found nothing to delete.
          same(call, List.of(), content(write, written.revision()));
          if (!chronicle.holds(write, written.revision())) {
            violated(Kind.BROKEN_GUARD, "a guard of %s did not hold".formatted(call));
          }
          placed.add(new Placed(call, call.answered(), 2 * written.revision() + 1, true));
        }
      }
      case Answer.Refused refused -> {}
      case Answer.Unknown unknown -> {}
    }
  }

  private List<Entry> content(Request.Write write, long revision) {
    return write.changes().stream()
        .map(change -> chronicle.at(change.key(), revision))
        .filter(Objects::nonNull)
        .toList();
  }

  private void found(Call call, Request.Read read, Answer.Found found) {
    if (reached(call, found.revision())) {
      long at = read.at() == 0 ? found.revision() : read.at();
      same(call, found.entries(), chronicle.range(read.from(), read.to(), at));
      placed.add(new Placed(call, call.answered(), 2 * found.revision() + 1, !read.serializable()));
    }
  }

  private boolean reached(Call call, long revision) {
    if (revision > chronicle.last()) {
      violated(Kind.LOST_WRITE, "revision %d was shown and is gone: %s".formatted(revision, call));
      return false;
    }
    return true;
  }

  private void same(Call call, List<Entry> shown, List<Entry> held) {
    if (!shown.equals(held)) {
      violated(Kind.WRONG_CONTENT, "the store held %s: %s".formatted(held, call));
    }
  }

  /** No call stands before one that was answered before it was asked. */
  private void realTime() {
    List<Placed> byQuestion = new ArrayList<>(placed);
    byQuestion.sort(Comparator.comparingLong(one -> one.call().asked()));
    List<Placed> byAnswer = new ArrayList<>(placed);
    byAnswer.sort(Comparator.comparingLong(Placed::answered));
    int next = 0;
    Placed latest = null;
    for (Placed one : byQuestion) {
      while (next < byAnswer.size() && byAnswer.get(next).answered() < one.call().asked()) {
        Placed answered = byAnswer.get(next++);
        if (latest == null || answered.place() > latest.place()) {
          latest = answered;
        }
      }
      if (one.follows() && latest != null && one.place() < latest.place()) {
        violated(
            one.place() % 2 == 0 ? Kind.OUT_OF_ORDER : Kind.STALE_READ,
            "%s stands before %s".formatted(one.call(), latest.call()));
      }
    }
  }
}
