package dev.coxswain.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.e2e.history.Violation.Kind;
import dev.coxswain.e2e.history.Watching.Sighting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The check finds each planted bug, and none where there is none. */
final class HistoryCheckTest {
  private static final int SEEDS = 40;
  private static final int STEPS = 120;

  /** A server that keeps its promises, and what its clients noted. */
  private static final class Honest {
    private final Random random;
    private final List<Call> calls = new ArrayList<>();
    private final List<List<Sighting>> watches = List.of(new ArrayList<>(), new ArrayList<>());
    private final Map<String, Change> state = new HashMap<>();
    private long revision = 10;
    private long time;

    Honest(long seed) {
      random = new Random(seed);
      IntStream.range(0, STEPS).forEach(ignored -> step());
    }

    Recording recording() {
      List<Watching> all = new ArrayList<>();
      for (List<Sighting> watch : watches) {
        all.add(new Watching("watcher-" + all.size(), 10, revision, watch));
      }
      return new Recording(calls, all);
    }

    private void step() {
      String name = "object-" + random.nextInt(4);
      long asked = ++time;
      long answered = ++time;
      Change there = state.get(name);
      switch (random.nextInt(6)) {
        case 0 ->
            calls.add(
                new Call.Read(asked, answered, there != null ? there : new Change(0, name, "")));
        case 1 -> calls.add(new Call.Listed(asked, answered, revision, Map.copyOf(state)));
        case 2 -> calls.add(new Call.Refused(asked, answered, "refused-" + time));
        case 3 -> {
          if (there != null) {
            state.remove(name);
            tell("DELETED", new Change(++revision, name, ""));
            calls.add(new Call.Deleted(asked, answered, name, there.revision()));
          }
        }
        default -> {
          Change change = new Change(++revision, name, "token-" + time);
          state.put(name, change);
          tell(there == null ? "ADDED" : "MODIFIED", change);
          calls.add(new Call.Wrote(asked, answered, change, there == null ? 0 : there.revision()));
        }
      }
    }

    private void tell(String type, Change change) {
      watches.forEach(watch -> watch.add(new Sighting.Told(type, change)));
    }
  }

  /** A bug, as it would show. */
  @SuppressWarnings("ImmutableEnumChecker") // A lambda without state.
  enum Bug {
    A_LOST_EVENT(Kind.DROPPED_EVENT, history -> events(history).remove(5)),
    A_DUPLICATE(
        Kind.DUPLICATED_EVENT,
        history -> {
          events(history).add(6, events(history).get(5));
          return history;
        }),
    A_CHANGED_ORDER(
        Kind.DROPPED_EVENT,
        history -> {
          events(history).add(7, events(history).remove(6));
          return history;
        }),
    AN_OLD_EVENT(
        Kind.REORDERED_EVENT,
        history -> {
          events(history).add(0, new Sighting.Relisted(revision(history, 5)));
          return history;
        }),
    A_BOOKMARK_TOO_FAR(
        Kind.DROPPED_EVENT,
        history -> {
          events(history).add(5, new Sighting.Bookmark(revision(history, 5)));
          return history;
        }),
    ANOTHER_TYPE(
        Kind.WRONG_EVENT,
        history ->
            events(history)
                .set(
                    5,
                    new Sighting.Told(
                        "BOOKMARKED", ((Sighting.Told) events(history).get(5)).change()))),
    ANOTHER_CONTENT(
        Kind.WRONG_EVENT,
        history ->
            events(history)
                .set(
                    5,
                    new Sighting.Told(
                        "MODIFIED", new Change(revision(history, 5), "object-0", "invented")))),
    A_LOST_UPDATE(
        Kind.LOST_UPDATE,
        history ->
            replace(
                history,
                call -> call instanceof Call.Wrote wrote && wrote.base() != 0,
                call -> {
                  Call.Wrote wrote = (Call.Wrote) call;
                  return new Call.Wrote(
                      wrote.asked(), wrote.answered(), wrote.change(), wrote.base() - 1);
                })),
    A_LOST_WRITE(
        Kind.LOST_WRITE,
        history ->
            replace(
                history,
                call -> call instanceof Call.Wrote,
                call ->
                    new Call.Wrote(
                        call.asked(),
                        call.answered(),
                        new Change(((Call.Wrote) call).change().revision(), "object-9", "lost"),
                        0))),
    A_REFUSED_WRITE_DONE(
        Kind.PHANTOM_WRITE,
        history ->
            replace(
                history,
                call -> call instanceof Call.Refused,
                call -> new Call.Refused(call.asked(), call.answered(), someToken(history)))),
    A_WRITE_DONE_TWICE(
        Kind.DOUBLE_APPLICATION,
        history -> {
          long beyond = history.watches().getFirst().to() + 1;
          history
              .watches()
              .forEach(watch ->
                  watch
                      .sightings()
                      .add(
                          new Sighting.Told(
                              "ADDED", new Change(beyond, "object-9", someToken(history)))));
          return history;
        }),
    AN_OLD_LIST(
        Kind.WENT_BACK,
        history ->
            replaceLast(
                history,
                call -> call instanceof Call.Listed,
                call -> new Call.Listed(call.asked(), call.answered(), 11, Map.of()))),
    A_LIST_WITH_A_HOLE(
        Kind.WRONG_CONTENT,
        history ->
            replaceLast(
                history,
                call -> call instanceof Call.Listed listed && !listed.found().isEmpty(),
                call -> {
                  Call.Listed listed = (Call.Listed) call;
                  Map<String, Change> found = new HashMap<>(listed.found());
                  found.remove(found.keySet().iterator().next());
                  return new Call.Listed(
                      listed.asked(), listed.answered(), listed.revision(), found);
                })),
    AN_OLD_OBJECT(
        Kind.STALE_READ,
        history -> {
          for (Call call : history.calls()) {
            if (call instanceof Call.Wrote wrote && wrote.base() != 0) {
              Change replaced =
                  Chronicle.of(history).before(wrote.change().name(), wrote.change().revision());
              if (replaced != null) {
                history.calls().add(new Call.Read(10_000, 10_001, replaced));
                return history;
              }
            }
          }
          throw new NoSuchElementException();
        });

    private final Kind kind;
    private final Function<Recording, Object> plant;

    Bug(Kind kind, Function<Recording, Object> plant) {
      this.kind = kind;
      this.plant = plant;
    }

    private static List<Sighting> events(Recording history) {
      return history.watches().getFirst().sightings();
    }

    private static long revision(Recording history, int index) {
      return ((Sighting.Told) events(history).get(index)).change().revision();
    }

    private static String someToken(Recording history) {
      return history.calls().stream()
          .flatMap(call ->
              call instanceof Call.Wrote wrote
                  ? java.util.stream.Stream.of(wrote.change().token())
                  : java.util.stream.Stream.empty())
          .findFirst()
          .orElseThrow();
    }

    private static Object replace(
        Recording history, Predicate<Call> which, Function<Call, Call> by) {
      return replaceAt(history, IntStream.range(0, history.calls().size()), which, by);
    }

    private static Object replaceLast(
        Recording history, Predicate<Call> which, Function<Call, Call> by) {
      int last = history.calls().size() - 1;
      return replaceAt(history, IntStream.rangeClosed(0, last).map(i -> last - i), which, by);
    }

    private static Object replaceAt(
        Recording history, IntStream order, Predicate<Call> which, Function<Call, Call> by) {
      int index = order.filter(i -> which.test(history.calls().get(i))).findFirst().orElseThrow();
      return history.calls().set(index, by.apply(history.calls().get(index)));
    }
  }

  @Test
  void anHonestServerIsNotBlamed() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(new Honest(seed).recording().violations()).as("seed %d", seed).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Bug.class)
  void aPlantedBugIsFound(Bug bug) {
    for (long seed = 0; seed < SEEDS; seed++) {
      Recording recording = new Honest(seed).recording();
      Object planted = bug.plant.apply(recording);
      assertThat(recording.violations())
          .as("seed %d: %s", seed, planted)
          .extracting(Violation::kind)
          .contains(bug.kind);
    }
  }
}
