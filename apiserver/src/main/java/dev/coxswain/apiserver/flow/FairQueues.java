package dev.coxswain.apiserver.flow;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Seats of the server, shared by levels; within a level, turns of its queues. Pure: who calls holds
 * the lock and knows the time.
 *
 * <p>Each level has seats of its own by its shares, and uses what others lend and do not need. Of a
 * level's queues the one that has been served least is next, counted in seats times time
 * (start-time fair queuing), as upstream does.
 */
final class FairQueues {
  /** What a request is taken to last until it is over, in nanoseconds: upstream's guess. */
  private static final double GUESS = 3_000_000;

  private final int seats;
  private final Map<String, Level> levels = new LinkedHashMap<>();

  /** The requests that wait may not be more than this, whatever the levels say. */
  static final int MAX_WAITING = 20_000;

  FairQueues(int seats) {
    this.seats = seats;
  }

  /** Takes up what the levels are now; says which requests begin by that. */
  List<Ticket> configure(Collection<PriorityLevel> specs, long now) {
    Map<String, Level> before = new LinkedHashMap<>(levels);
    levels.clear();
    long shares = Math.max(1, specs.stream().mapToLong(PriorityLevel::shares).sum());
    for (PriorityLevel spec : specs) {
      Level known = before.remove(spec.name());
      Level level = known == null ? new Level(spec) : known;
      level.spec = spec;
      level.resize();
      level.nominal = Math.max(1, (int) Math.ceilDiv((long) seats * spec.shares(), shares));
      level.lendable = Math.round(level.nominal * spec.lendablePercent() / 100f);
      Integer percent = spec.borrowingPercent();
      level.borrowing = percent == null ? seats : Math.round(level.nominal * percent / 100f);
      levels.put(spec.name(), level);
    }
    // Levels that are gone work off what they have.
    before.forEach((name, level) -> {
      if (level.running > 0 || level.waiting > 0) {
        level.nominal = 1;
        level.lendable = 0;
        level.borrowing = 0;
        levels.put(name, level);
      }
    });
    return begin(now);
  }

  Collection<Level> levels() {
    return levels.values();
  }

  @Nullable Level level(String name) {
    return levels.get(name);
  }

  /** The widest that a request of a level may be: one alone must not fill it. */
  static int widest(Level level) {
    return Math.max(1, level.nominal * 15 / 100);
  }

  /** A request comes: it runs, waits, or is refused. */
  Ticket arrive(Level level, long flow, int width, long now) {
    Ticket ticket = new Ticket(level, flow, Math.clamp(width, 1, widest(level)), now);
    if (level.spec.exempt()) {
      run(ticket, now);
      return ticket;
    }
    PriorityLevel.Queuing queuing = level.spec.queuing();
    if (queuing == null) {
      if (fits(level, ticket.width)) {
        run(ticket, now);
      } else {
        refuse(ticket);
      }
      return ticket;
    }
    Line line = level.choose(flow);
    if (line.waiting.size() >= queuing.lengthLimit() || waiting() >= MAX_WAITING) {
      refuse(ticket);
      return ticket;
    }
    level.lineUp(ticket, line);
    level.waiting++;
    beginOf(level, now, new ArrayList<>());
    return ticket;
  }

  private int waiting() {
    int waiting = 0;
    for (Level level : levels.values()) {
      waiting += level.waiting;
    }
    return waiting;
  }

  private static void refuse(Ticket ticket) {
    ticket.state = Ticket.State.REFUSED;
    ticket.decided.countDown();
  }

  /**
   * A request waits no longer, for whatever reason, unless it has begun; says which begin by that:
   * a wide one may have stood in the way of narrower ones.
   */
  List<Ticket> leave(Ticket ticket, long now) {
    Line line = ticket.line;
    if (ticket.state != Ticket.State.WAITING || line == null) {
      return List.of();
    }
    line.waiting.remove(ticket);
    line.wanted -= ticket.width;
    ticket.level.waiting--;
    refuse(ticket);
    List<Ticket> begun = new ArrayList<>();
    beginOf(ticket.level, now, begun);
    return begun;
  }

  /** A request that ran is over; says which begin by that. */
  List<Ticket> finish(Ticket ticket, long now) {
    if (ticket.state != Ticket.State.RUNNING) {
      return List.of();
    }
    ticket.state = Ticket.State.OVER;
    Level level = ticket.level;
    level.running -= ticket.width;
    Line line = ticket.line;
    if (line != null) {
      line.running -= ticket.width;
      // Now it is known how long it took.
      line.served += ticket.width * (now - ticket.started - GUESS);
    }
    return begin(now);
  }

  private List<Ticket> begin(long now) {
    List<Ticket> begun = new ArrayList<>();
    for (Level level : levels.values()) {
      if (level.waiting > 0) {
        beginOf(level, now, begun);
      }
    }
    return begun;
  }

  private void beginOf(Level level, long now, List<Ticket> begun) {
    while (level.waiting > 0) {
      Line next = next(level);
      Ticket ticket = next.waiting.getFirst();
      if (!fits(level, ticket.width)) {
        return;
      }
      next.waiting.removeFirst();
      next.wanted -= ticket.width;
      level.waiting--;
      level.served = Math.max(level.served, next.served);
      run(ticket, now);
      begun.add(ticket);
    }
  }

  private static Line next(Level level) {
    @Nullable Line best = null;
    for (Line line : level.lines) {
      if (!line.waiting.isEmpty() && (best == null || line.served < best.served)) {
        best = line;
      }
    }
    if (best == null) {
      throw new IllegalStateException("somebody waits and stands in no line");
    }
    return best;
  }

  private static void run(Ticket ticket, long now) {
    ticket.state = Ticket.State.RUNNING;
    ticket.started = now;
    ticket.level.running += ticket.width;
    Line line = ticket.line;
    if (line != null) {
      line.running += ticket.width;
      line.served += ticket.width * GUESS;
    }
    ticket.decided.countDown();
  }

  /** Whether a level has the seats, of its own or borrowed. */
  private boolean fits(Level level, int width) {
    int wanted = level.running + width;
    if (level.spec.exempt() || level.running == 0 || wanted <= level.nominal) {
      return true;
    }
    if (wanted > level.nominal + level.borrowing) {
      return false;
    }
    int taken = wanted;
    for (Level other : levels.values()) {
      if (other != level && !other.spec.exempt()) {
        taken += Math.max(other.running, other.nominal - other.lendable);
      }
    }
    return taken <= seats;
  }
}
