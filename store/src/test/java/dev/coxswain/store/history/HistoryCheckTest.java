package dev.coxswain.store.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.store.history.HistoryGenerator.Bug;
import dev.coxswain.store.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checks accept what a sound store does, and find every kind of bug wherever it was put. */
final class HistoryCheckTest {
  private static final int SEEDS = 150;
  private static final int LENGTH = 400;

  @Test
  void historiesOfASoundStoreAreAccepted() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(new HistoryGenerator(seed, Bug.NONE, LENGTH).generate().violations())
          .as("seed %s", seed)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(value = Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void everyPlantedBugIsFound(Bug bug) {
    int planted = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      HistoryGenerator generator = new HistoryGenerator(seed, bug, LENGTH);
      Recording recording = generator.generate();
      if (generator.planted()) {
        planted++;
        assertThat(kinds(recording.violations()))
            .as("%s with seed %s", bug, seed)
            .containsAnyElementsOf(signs(bug));
      }
    }
    assertThat(planted).as("seeds with an occasion for %s", bug).isGreaterThan(SEEDS / 2);
  }

  private static Set<Kind> kinds(List<Violation> violations) {
    return violations.stream().map(Violation::kind).collect(Collectors.toSet());
  }

  /** By what a bug must be known; it may have other signs beside. */
  private static List<Kind> signs(Bug bug) {
    return switch (bug) {
      case NONE -> List.of();
      case LOST_UPDATE -> List.of(Kind.BROKEN_GUARD);
      case LOST_ACKNOWLEDGED_WRITE -> List.of(Kind.LOST_WRITE, Kind.DOUBLE_REVISION);
      case STALE_READ -> List.of(Kind.STALE_READ);
      case STALE_READ_WITH_A_NEW_REVISION -> List.of(Kind.WRONG_CONTENT);
      case SPLIT_BRAIN -> List.of(Kind.DOUBLE_REVISION, Kind.LOST_WRITE);
      case DOUBLE_APPLICATION -> List.of(Kind.DOUBLE_APPLICATION);
      case REFUSED_AND_DONE -> List.of(Kind.PHANTOM_WRITE);
      case TORN_TRANSACTION -> List.of(Kind.LOST_WRITE, Kind.PHANTOM_WRITE);
      case DROPPED_EVENT -> List.of(Kind.DROPPED_EVENT, Kind.TORN_REVISION);
      case DUPLICATED_EVENT -> List.of(Kind.DUPLICATED_EVENT);
      case REORDERED_EVENT -> List.of(Kind.REORDERED_EVENT);
      case EARLY_EXPIRY -> List.of(Kind.EARLY_EXPIRY);
      case LINGERING_KEY -> List.of(Kind.LINGERING_KEY);
    };
  }

  /** The search that believes no revision finds, by values alone, what values can show. */
  @ParameterizedTest
  @EnumSource(
      value = Bug.class,
      names = {"LOST_UPDATE", "STALE_READ", "STALE_READ_WITH_A_NEW_REVISION"})
  void theSearchByValuesAloneFindsWhatValuesShow(Bug bug) {
    int planted = 0;
    int found = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      HistoryGenerator generator = new HistoryGenerator(seed, bug, LENGTH);
      Recording recording = generator.generate();
      if (generator.planted()) {
        planted++;
        found += Linearizability.check(recording.calls()).isEmpty() ? 0 : 1;
      }
    }
    // Not all: a key may by chance have held again, or not yet, what the bug shows.
    assertThat(found).as("found of %s", planted).isGreaterThan(planted * 9 / 10);
  }

  @Test
  void aSkippedStretchOfAWatchIsOnlyExcusedByCompaction() {
    List<Event> events = new ArrayList<>();
    for (long revision = 2; revision <= 5; revision++) {
      events.add(
          new Event(revision, "a", new Entry("a", "v" + revision, 2, revision, revision - 1, 0)));
    }
    Chronicle chronicle = new Chronicle(events);
    var first = new Watching.Sighting.Told(events.subList(0, 1), 1);
    var last = new Watching.Sighting.Told(events.subList(3, 4), 2);
    assertThat(
            WatchOrder.check(
                new Watching(
                    "w", "a", "b", 1, List.of(first, new Watching.Sighting.Skipped(5), last)),
                chronicle))
        .isEmpty();
    assertThat(
            WatchOrder.check(
                new Watching(
                    "w", "a", "b", 1, List.of(first, new Watching.Sighting.Resumed(), last)),
                chronicle))
        .extracting(Violation::kind)
        .containsExactly(Kind.DROPPED_EVENT);
  }

  @Test
  void progressPromisesThatEverythingBeforeItWasTold() {
    Event event = new Event(2, "a", new Entry("a", "v", 2, 2, 1, 0));
    Chronicle chronicle = new Chronicle(List.of(event));
    assertThat(
            WatchOrder.check(
                new Watching(
                    "w",
                    "a",
                    "b",
                    1,
                    List.of(
                        new Watching.Sighting.Progress(2),
                        new Watching.Sighting.Told(List.of(event), 1))),
                chronicle))
        .extracting(Violation::kind)
        .containsExactly(Kind.DROPPED_EVENT);
  }
}
