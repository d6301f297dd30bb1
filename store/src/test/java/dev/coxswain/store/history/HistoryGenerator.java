package dev.coxswain.store.history;

import dev.coxswain.runtime.time.Randomness;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes up what concurrent clients would record of a store that keeps its promises, or of one with
 * one bug in it. The same seed makes the same history.
 */
final class HistoryGenerator {
  private static final int CLIENTS = 6;
  private static final int KEYS = 6;
  private static final long STEP = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long TIME_TO_LIVE = TimeUnit.SECONDS.toNanos(2);

  /** What is wrong with the store. */
  enum Bug {
    NONE,
    /** A guarded write is done although another came between. */
    LOST_UPDATE,
    /** A write is acknowledged and never done. */
    LOST_ACKNOWLEDGED_WRITE,
    /** A read shows an older state, and its revision. */
    STALE_READ,
    /** A read shows an older state as if it were the newest. */
    STALE_READ_WITH_A_NEW_REVISION,
    /** Two leaders give the same revision to two writes. */
    SPLIT_BRAIN,
    /** A write without an answer is done twice, by a retry. */
    DOUBLE_APPLICATION,
    /** A write that was refused is done all the same. */
    REFUSED_AND_DONE,
    /** Half of a transaction is done. */
    TORN_TRANSACTION,
    DROPPED_EVENT,
    DUPLICATED_EVENT,
    REORDERED_EVENT,
    /** A lease ends half way. */
    EARLY_EXPIRY,
    /** A lease ends and one of its keys stays. */
    LINGERING_KEY
  }

  private final Randomness random;
  private final Bug bug;
  private final int length;
  private final PriorityQueue<Action> actions =
      new PriorityQueue<>(Comparator.comparingLong(Action::time).thenComparingLong(Action::order));
  private final List<Call> calls = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final TreeMap<String, Entry> state = new TreeMap<>();
  private final List<TreeMap<String, Entry>> states = new ArrayList<>();
  private final Map<Integer, Entry> remembered = new HashMap<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<Tenure> tenures = new ArrayList<>();
  private long revision = Chronicle.EMPTY;
  private long order;
  private long serial;
  private boolean planted;

  private record Action(long time, long order, Runnable run) {}

  private static final class Watcher {
    private final List<Watching.Sighting> sightings = new ArrayList<>();
    private int seen;
  }

  HistoryGenerator(long seed, Bug bug, int length) {
    this.random = Randomness.seeded(seed);
    this.bug = bug;
    this.length = length;
    states.add(new TreeMap<>());
    states.add(new TreeMap<>());
  }

  /** Whether the bug found an occasion. */
  boolean planted() {
    return planted;
  }

  Recording generate() {
    for (int client = 0; client < CLIENTS; client++) {
      next(client, 0);
    }
    for (int i = 0; i < 2; i++) {
      Watcher watcher = new Watcher();
      watchers.add(watcher);
      tell(watcher, 0);
    }
    lease(1, STEP);
    lease(2, 30 * STEP);
    while (!actions.isEmpty()) {
      actions.poll().run().run();
    }
    return new Recording(
        calls,
        new Chronicle(events),
        watchers.stream()
            .map(watcher -> new Watching("watcher", "", "\uffff", 1, watcher.sightings))
            .toList(),
        tenures);
  }

  private void at(long time, Runnable run) {
    actions.add(new Action(time, order++, run));
  }

  private long soon(long time) {
    return time + 1 + random.below(STEP);
  }

  /** An occasion for the bug: one, and not before there is something to spoil. */
  private boolean strikes(Bug wanted, boolean occasion) {
    if (bug != wanted || planted || !occasion || calls.size() < length / 3) {
      return false;
    }
    planted = true;
    return true;
  }

  // ---- the clients ----

  private void next(int client, long time) {
    long asked = soon(time);
    at(
        asked,
        () -> {
          if (calls.size() < length) {
            Request request = request(client);
            long done = soon(asked);
            at(done, () -> perform(client, asked, done, request));
          }
        });
  }

  private String key() {
    return "key-" + random.below(KEYS);
  }

  private Request request(int client) {
    return switch ((int) random.below(10)) {
      case 0, 1, 2 -> new Request.Write(List.of(), List.of(put(key())));
      case 3 -> new Request.Write(List.of(), List.of(new Change.Delete(key())));
      case 4, 5, 6 -> {
        Entry known = remembered.get(client);
        yield known == null
            ? Request.Read.key(key())
            : new Request.Write(
                List.of(new Request.Guard(known.key(), known.mod(), known.value())),
                List.of(put(known.key()), put("pair-" + client)));
      }
      case 7 -> new Request.Read("key-0", "key-9", random.chance(0.3), 0);
      case 8 -> new Request.Read("key-0", "key-9", false, 1 + random.below(revision));
      default -> Request.Read.key(key());
    };
  }

  private Change put(String key) {
    return new Change.Put(key, "value-" + serial++, 0);
  }

  private void perform(int client, long asked, long done, Request request) {
    boolean told = !random.chance(0.04);
    Answer answer =
        switch (request) {
          case Request.Read read -> read(client, asked, read, told);
          case Request.Write write -> write(write, told);
        };
    if (!told && !(answer instanceof Answer.Refused)) {
      if (request instanceof Request.Write write
          && answer instanceof Answer.Written
          && strikes(Bug.DOUBLE_APPLICATION, puts(write))) {
        apply(write.changes());
      }
      answer = new Answer.Unknown("no answer");
    }
    Answer last = answer;
    long answered = soon(done);
    at(
        answered,
        () -> {
          calls.add(new Call(client, asked, answered, request, last));
          next(client, answered);
        });
  }

  private static boolean puts(Request.Write write) {
    return write.changes().stream().allMatch(Change.Put.class::isInstance);
  }

  private Answer read(int client, long asked, Request.Read read, boolean told) {
    long at = read.at() == 0 ? revision : read.at();
    long shown = revision;
    if (read.serializable()) {
      shown = Math.max(1, revision - random.below(4));
      at = shown;
    } else if (read.at() == 0) {
      long acknowledged = acknowledgedBefore(asked, read);
      if (strikes(Bug.STALE_READ, told && acknowledged > 1)) {
        shown = acknowledged - 1;
        at = shown;
      } else if (strikes(Bug.STALE_READ_WITH_A_NEW_REVISION, told && acknowledged > 1)) {
        at = acknowledged - 1;
      }
    }
    List<Entry> entries = List.copyOf(states.get((int) at).subMap(read.from(), read.to()).values());
    if (!entries.isEmpty() && !read.serializable() && read.at() == 0) {
      remembered.put(client, entries.getFirst());
    }
    return new Answer.Found(shown, entries);
  }

  /** The last write within a range that was acknowledged before, if it is still what stands. */
  private long acknowledgedBefore(long asked, Request.Read read) {
    for (Call call : calls.reversed()) {
      if (call.answered() < asked
          && call.request() instanceof Request.Write(var guards, var changes)
          && guards.isEmpty()
          && changes.getFirst() instanceof Change.Put put
          && new Event(0, put.key(), null).within(read.from(), read.to())
          && call.answer() instanceof Answer.Written written) {
        Entry now = state.get(put.key());
        return now != null && now.mod() == written.revision() ? written.revision() : 0;
      }
    }
    return 0;
  }

  private Answer write(Request.Write write, boolean told) {
    boolean holds =
        write.guards().stream()
            .allMatch(guard -> {
              Entry entry = state.get(guard.key());
              return (entry == null ? 0 : entry.mod()) == guard.mod();
            });
    if (random.chance(0.03)) {
      if (strikes(Bug.REFUSED_AND_DONE, puts(write))) {
        apply(write.changes());
      }
      return new Answer.Refused("no leader");
    }
    if (!holds && !strikes(Bug.LOST_UPDATE, told)) {
      return new Answer.Withheld(
          revision,
          write.guards().stream()
              .map(guard -> state.get(guard.key()))
              .filter(Objects::nonNull)
              .toList());
    }
    List<Entry> before =
        write.changes().stream()
            .map(change -> state.get(change.key()))
            .filter(Objects::nonNull)
            .toList();
    if (strikes(Bug.LOST_ACKNOWLEDGED_WRITE, told && puts(write))) {
      return new Answer.Written(revision + 1, before);
    }
    if (strikes(Bug.SPLIT_BRAIN, told && puts(write) && revision > 1)) {
      return new Answer.Written(revision, before);
    }
    apply(
        strikes(Bug.TORN_TRANSACTION, write.changes().size() > 1)
            ? write.changes().subList(0, 1)
            : write.changes());
    return new Answer.Written(revision, before);
  }

  // ---- the store ----

  private void apply(List<Change> changes) {
    boolean any =
        changes.stream()
            .anyMatch(change -> change instanceof Change.Put || state.containsKey(change.key()));
    if (!any) {
      return;
    }
    revision++;
    for (Change change : changes) {
      Entry before = state.get(change.key());
      switch (change) {
        case Change.Put put -> {
          Entry now =
              new Entry(
                  put.key(),
                  put.value(),
                  before == null ? revision : before.create(),
                  revision,
                  before == null ? 1 : before.version() + 1,
                  put.lease());
          state.put(put.key(), now);
          events.add(new Event(revision, put.key(), now));
        }
        case Change.Delete delete -> {
          if (before != null) {
            state.remove(delete.key());
            events.add(new Event(revision, delete.key(), null));
          }
        }
      }
    }
    states.add(new TreeMap<>(state));
  }

  // ---- leases ----

  /** Grants a lease, hangs two keys on it, renews it for a while and lets it end. */
  private void lease(long id, long granted) {
    List<Long> confirmed = new ArrayList<>(List.of(granted));
    tenures.add(new Tenure(id, TIME_TO_LIVE, confirmed, false));
    at(
        granted,
        () -> {
          List<Change> keys =
              List.of(
                  new Change.Put("lease-" + id + "-a", "value-" + serial++, id),
                  new Change.Put("lease-" + id + "-b", "value-" + serial++, id));
          apply(keys);
          calls.add(
              new Call(
                  CLIENTS,
                  granted,
                  granted + 1,
                  new Request.Write(List.of(), keys),
                  new Answer.Written(revision, List.of())));
        });
    long renewed = granted;
    for (long i = random.below(4); i > 0; i--) {
      renewed += TIME_TO_LIVE / 4;
      confirmed.add(renewed);
    }
    boolean early = bug == Bug.EARLY_EXPIRY && !planted;
    boolean lingers = bug == Bug.LINGERING_KEY && !planted;
    planted |= early || lingers;
    long end = soon(renewed + (early ? TIME_TO_LIVE / 2 : TIME_TO_LIVE));
    at(
        end,
        () -> {
          List<Change> keys = new ArrayList<>(List.of(new Change.Delete("lease-" + id + "-a")));
          if (!lingers) {
            keys.add(new Change.Delete("lease-" + id + "-b"));
          }
          apply(keys);
        });
  }

  // ---- watchers ----

  private void tell(Watcher watcher, long time) {
    long when = soon(time) + STEP;
    at(
        when,
        () -> {
          deliver(watcher, when);
          // Until nobody but the watchers has anything left to do.
          if (actions.size() >= watchers.size() || watcher.seen < events.size()) {
            tell(watcher, when);
          }
        });
  }

  private void deliver(Watcher watcher, long when) {
    if (random.chance(0.1)) {
      watcher.sightings.add(new Watching.Sighting.Resumed());
    }
    int end = events.size();
    if (watcher.seen == end) {
      if (random.chance(0.2)) {
        watcher.sightings.add(new Watching.Sighting.Progress(revision));
      }
      return;
    }
    List<Event> batch = new ArrayList<>(events.subList(watcher.seen, end));
    watcher.seen = end;
    @Nullable Event swap = batch.size() > 1 ? batch.getLast() : null;
    if (strikes(Bug.DROPPED_EVENT, true)) {
      batch.remove((int) random.below(batch.size()));
    } else if (strikes(Bug.DUPLICATED_EVENT, true)) {
      watcher.sightings.add(new Watching.Sighting.Told(List.copyOf(batch), when));
    } else if (swap != null
        && strikes(Bug.REORDERED_EVENT, swap.revision() != batch.getFirst().revision())) {
      batch.sort(Comparator.comparingLong(Event::revision).reversed());
    }
    if (!batch.isEmpty()) {
      watcher.sightings.add(new Watching.Sighting.Told(batch, when));
    }
  }
}
