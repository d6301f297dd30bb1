package dev.coxswain.apiserver.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.Randomness;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Floods, trickles, long and short requests, those that give up, and changes on the way. */
final class FairQueuesSimulationTest {
  private static final int SEATS = 60;
  private static final long MILLISECOND = 1_000_000;

  private static PriorityLevel limited(
      String name, int shares, int lendable, PriorityLevel.@Nullable Queuing queuing) {
    return new PriorityLevel(name, "", false, shares, lendable, null, queuing);
  }

  private static List<PriorityLevel> levels(int queues, int length) {
    return List.of(
        new PriorityLevel("exempt", "", true, 0, 0, null, null),
        limited("high", 40, 50, new PriorityLevel.Queuing(queues, 6, length)),
        limited("low", 60, 90, new PriorityLevel.Queuing(queues, 6, length)),
        limited("catch-all", 5, 0, null));
  }

  private static Level level(FairQueues queues, String name) {
    return Objects.requireNonNull(queues.level(name));
  }

  /** Holds after every step, whatever happened. */
  private static void check(FairQueues queues, Collection<Ticket> tickets) {
    Map<Level, Integer> running = new HashMap<>();
    Map<Level, Integer> waiting = new HashMap<>();
    for (Ticket ticket : tickets) {
      switch (ticket.state) {
        case RUNNING -> running.merge(ticket.level, ticket.width, Integer::sum);
        case WAITING -> waiting.merge(ticket.level, 1, Integer::sum);
        case REFUSED, OVER -> {}
      }
    }
    for (Level level : queues.levels()) {
      assertThat(level.running).isEqualTo(running.getOrDefault(level, 0));
      assertThat(level.waiting).isEqualTo(waiting.getOrDefault(level, 0));
      PriorityLevel.Queuing queuing = level.spec.queuing();
      if (!level.spec.exempt()) {
        assertThat(level.running).isLessThanOrEqualTo(SEATS);
      }
      if (queuing == null) {
        continue;
      }
      int widest = FairQueues.widest(level);
      if (level.waiting > 0) {
        assertThat(level.running + widest).as("seats of its own").isGreaterThan(level.nominal);
      }
      for (Line line : level.lines) {
        assertThat(line.waiting.size()).isLessThanOrEqualTo(queuing.lengthLimit());
        assertThat(line.wanted).isEqualTo(line.waiting.stream().mapToInt(t -> t.width).sum());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappensSeatsAreCountedAndNobodyWaitsBesideAFreeOne(long seed) {
    Randomness random = Randomness.seeded(seed);
    FairQueues queues = new FairQueues(SEATS);
    queues.configure(levels(16, 10), 0);
    List<Ticket> tickets = new ArrayList<>();
    long now = 0;
    for (int step = 0; step < 3000; step++) {
      now += random.below(5 * MILLISECOND);
      String name = List.of("exempt", "high", "low", "low", "catch-all").get((int) random.below(5));
      switch ((int) random.below(8)) {
        case 0, 1, 2, 3 ->
            tickets.add(
                queues.arrive(
                    level(queues, name), random.below(20) * 7919, 1 + (int) random.below(9), now));
        case 4 -> {
          long at = now;
          one(tickets, Ticket.State.WAITING, random).ifPresent(t -> queues.leave(t, at));
        }
        case 5 -> {
          if (random.chance(0.02)) {
            queues.configure(levels(8 + (int) random.below(32), 10), now);
          }
        }
        default -> {
          long at = now;
          one(tickets, Ticket.State.RUNNING, random).ifPresent(t -> queues.finish(t, at));
        }
      }
      tickets.removeIf(t -> t.state == Ticket.State.OVER || t.state == Ticket.State.REFUSED);
      // A change to fewer lines may leave longer ones behind for a while.
      if (queues.levels().stream().noneMatch(level -> longer(level))) {
        check(queues, tickets);
      }
    }
    for (int round = 0; !tickets.isEmpty(); round++) {
      assertThat(round).as("all are answered in the end").isLessThan(100_000);
      queues.finish(one(tickets, Ticket.State.RUNNING, random).orElseThrow(), now);
      tickets.removeIf(t -> t.state == Ticket.State.OVER || t.state == Ticket.State.REFUSED);
    }
    assertThat(queues.levels()).allMatch(level -> level.running == 0 && level.waiting == 0);
  }

  private static boolean longer(Level level) {
    PriorityLevel.Queuing queuing = level.spec.queuing();
    return queuing != null
        && level.lines.stream().anyMatch(line -> line.waiting.size() > queuing.lengthLimit());
  }

  private static Optional<Ticket> one(List<Ticket> tickets, Ticket.State state, Randomness random) {
    List<Ticket> some = tickets.stream().filter(ticket -> ticket.state == state).toList();
    return some.isEmpty()
        ? Optional.empty()
        : Optional.of(some.get((int) random.below(some.size())));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aFloodOfOneUserLeavesTheOthersServed(long seed) {
    Randomness random = Randomness.seeded(seed);
    FairQueues queues = new FairQueues(SEATS);
    queues.configure(levels(64, 50), 0);
    Level low = level(queues, "low");
    long flood = random.bits();
    List<Ticket> running = new ArrayList<>();
    List<Ticket> small = new ArrayList<>();
    int refused = 0;
    long now = 0;
    for (int step = 0; step < 4000; step++) {
      now += MILLISECOND;
      for (int i = 0; i < 5; i++) {
        Ticket ticket = queues.arrive(low, flood, 1, now);
        refused += ticket.state == Ticket.State.REFUSED ? 1 : 0;
        running.add(ticket);
      }
      if (step % 10 == 0) {
        Ticket ticket = queues.arrive(low, random.bits(), 1, now);
        small.add(ticket);
        running.add(ticket);
      }
      // Two are over in each millisecond, and five come: there is never enough.
      for (int i = 0; i < 2; i++) {
        for (Ticket ticket : running) {
          if (ticket.state == Ticket.State.RUNNING) {
            queues.finish(ticket, now);
            break;
          }
        }
      }
      running.removeIf(t -> t.state == Ticket.State.OVER || t.state == Ticket.State.REFUSED);
    }
    assertThat(refused).as("the flood is refused when its queues are full").isGreaterThan(1000);
    assertThat(small).noneMatch(ticket -> ticket.state == Ticket.State.REFUSED);
    long longest =
        small.stream()
            .filter(ticket -> ticket.state != Ticket.State.WAITING)
            .mapToLong(ticket -> ticket.started - ticket.arrived)
            .max()
            .orElseThrow();
    assertThat(small.stream().filter(t -> t.state == Ticket.State.WAITING).count()).isLessThan(10);
    assertThat(longest / MILLISECOND).as("milliseconds that a small one waited").isLessThan(100);
  }

  @Test
  void aLevelBorrowsWhatOthersLendAndGetsItsOwnAtOnce() {
    FairQueues queues = new FairQueues(SEATS);
    queues.configure(levels(16, 200), 0);
    Level low = level(queues, "low");
    Level high = level(queues, "high");
    for (int i = 0; i < 200; i++) {
      queues.arrive(low, i * 31L, 1, 0);
    }
    assertThat(low.running).isGreaterThan(low.nominal);
    assertThat(low.running + (high.nominal - high.lendable)).isLessThanOrEqualTo(SEATS);
    for (int i = 0; i < high.nominal; i++) {
      assertThat(queues.arrive(high, i, 1, 0).state).isEqualTo(Ticket.State.RUNNING);
    }
  }

  @Test
  void whatHasNoQueuesIsRefusedAndWhatIsExemptNever() {
    FairQueues queues = new FairQueues(SEATS);
    queues.configure(levels(16, 10), 0);
    Level all = level(queues, "catch-all");
    List<Ticket.State> states = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      states.add(queues.arrive(all, 1, 1, 0).state);
      assertThat(queues.arrive(level(queues, "exempt"), 1, 1, 0).state)
          .isEqualTo(Ticket.State.RUNNING);
    }
    assertThat(states).contains(Ticket.State.RUNNING, Ticket.State.REFUSED);
    assertThat(states).doesNotContain(Ticket.State.WAITING);
  }

  @Test
  void aFlowChoosesAmongDifferentLines() {
    Level level = new Level(levels(8, 10).get(1));
    Randomness random = Randomness.seeded(5);
    for (int i = 0; i < 1000; i++) {
      long flow = random.bits();
      List<Line> chosen = new ArrayList<>();
      for (int turn = 0; turn < 6; turn++) {
        Line line = level.choose(flow);
        assertThat(chosen).doesNotContain(line);
        line.wanted++;
        chosen.add(line);
      }
      chosen.forEach(line -> line.wanted--);
    }
  }

  @Test
  void whoLeavesMakesWayForWhoFits() {
    FairQueues queues = new FairQueues(SEATS);
    queues.configure(List.of(limited("only", 1, 0, new PriorityLevel.Queuing(1, 1, 50))), 0);
    Level only = level(queues, "only");
    for (int i = 0; i < SEATS - 1; i++) {
      assertThat(queues.arrive(only, 1, 1, 0).state).isEqualTo(Ticket.State.RUNNING);
    }
    Ticket wide = queues.arrive(only, 1, 5, 0);
    Ticket narrow = queues.arrive(only, 1, 1, 0);
    assertThat(wide.state).isEqualTo(Ticket.State.WAITING);
    assertThat(narrow.state).isEqualTo(Ticket.State.WAITING);
    assertThat(queues.leave(wide, 1)).containsExactly(narrow);
    assertThat(narrow.state).isEqualTo(Ticket.State.RUNNING);
    assertThat(queues.leave(narrow, 1)).isEmpty();
    assertThat(narrow.state).isEqualTo(Ticket.State.RUNNING);
  }

  @Test
  void whoWaitsInALevelThatBecomesExemptBegins() {
    FairQueues queues = new FairQueues(1);
    PriorityLevel limited = limited("only", 1, 0, new PriorityLevel.Queuing(1, 1, 50));
    queues.configure(List.of(limited), 0);
    List<Ticket> tickets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      tickets.add(queues.arrive(level(queues, "only"), 1, 1, 0));
    }
    PriorityLevel exempt = new PriorityLevel("only", "", true, 0, 0, null, null);
    assertThat(queues.configure(List.of(exempt), 1)).hasSize(9);
    assertThat(tickets).allMatch(ticket -> ticket.state == Ticket.State.RUNNING);
  }
}
