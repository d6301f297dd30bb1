package dev.coxswain.store.history;

import dev.coxswain.store.history.Violation.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Searches, for each key by itself, an order of the calls that explains their answers, believing
 * nothing that the store says of revisions: Wing and Gong's search with Lowe's memory of what was
 * tried (G. Lowe, Testing for linearizability, 2017). Weaker than {@link RevisionOrder}, which sees
 * all keys at once, and independent of it. Keys that ever were on a lease are left out, since their
 * end is nobody's call.
 */
public final class Linearizability {
  /** Steps of one key's search, after which it is given up without a verdict. */
  private static final int MOST_STEPS = 2_000_000;

  /** How an absent key is written down; no value in a history is empty. */
  private static final String ABSENT = "";

  private Linearizability() {}

  /**
   * What a call means to one key: what it must find there (null: whatever), what it leaves there
   * (null: what it found). One that is not required may also never have happened.
   */
  private record Operation(
      Call call, boolean required, @Nullable String finds, @Nullable String leaves) {}

  /** The keys whose answers cannot be explained. */
  public static List<Violation> check(List<Call> calls) {
    Set<String> keys = new TreeSet<>();
    Set<String> leased = new HashSet<>();
    for (Call call : calls) {
      if (call.request() instanceof Request.Write write) {
        for (Change change : write.changes()) {
          keys.add(change.key());
          if (change instanceof Change.Put put && put.lease() != 0) {
            leased.add(put.key());
          }
        }
      }
    }
    keys.removeAll(leased);
    List<Violation> violations = new ArrayList<>();
    for (String key : keys) {
      List<Operation> operations = new ArrayList<>();
      for (Call call : calls) {
        Operation operation = operation(key, call);
        if (operation != null) {
          operations.add(operation);
        }
      }
      Call stuck = new Search(operations).run();
      if (stuck != null) {
        violations.add(new Violation(Kind.NOT_LINEARIZABLE, key + ": nothing explains " + stuck));
      }
    }
    return violations;
  }

  private static @Nullable Operation operation(String key, Call call) {
    return switch (call.request()) {
      case Request.Read read -> {
        boolean concerns =
            key.compareTo(read.from()) >= 0
                && key.compareTo(read.to()) < 0
                && !read.serializable()
                && read.at() == 0;
        yield concerns && call.answer() instanceof Answer.Found found
            ? new Operation(call, true, value(key, found.entries()), null)
            : null;
      }
      case Request.Write write -> write(key, call, write);
    };
  }

  private static @Nullable Operation write(String key, Call call, Request.Write write) {
    String leaves = null;
    for (Change change : write.changes()) {
      if (change.key().equals(key)) {
        leaves =
            switch (change) {
              case Change.Put put -> put.value();
              case Change.Delete ignored -> ABSENT;
            };
      }
    }
    boolean guarded = false;
    String guard = null;
    for (Request.Guard one : write.guards()) {
      if (one.key().equals(key)) {
        guarded = true;
        guard = one.value() == null ? ABSENT : one.value();
      }
    }
    if (leaves == null && !guarded) {
      return null;
    }
    return switch (call.answer()) {
      case Answer.Written written ->
          new Operation(call, true, guarded ? guard : value(key, written.before()), leaves);
      case Answer.Withheld withheld ->
          guarded ? new Operation(call, true, value(key, withheld.guarded()), null) : null;
      case Answer.Unknown ignored ->
          leaves == null ? null : new Operation(call, false, guard, leaves);
      case Answer.Refused ignored -> null;
      case Answer.Found ignored -> null;
    };
  }

  private static String value(String key, List<Entry> entries) {
    return entries.stream()
        .filter(entry -> entry.key().equals(key))
        .map(Entry::value)
        .findFirst()
        .orElse(ABSENT);
  }

  /** A question or an answer, linked in the order of time. */
  private static final class Moment {
    private final int operation;
    private final @Nullable Moment answer;
    private final long time;
    private final boolean question;
    private @Nullable Moment before;
    private @Nullable Moment after;

    Moment(int operation, long time, boolean question, @Nullable Moment answer) {
      this.operation = operation;
      this.time = time;
      this.question = question;
      this.answer = answer;
    }

    void unlink() {
      if (before != null) {
        before.after = after;
      }
      if (after != null) {
        after.before = before;
      }
    }

    void relink() {
      if (before != null) {
        before.after = this;
      }
      if (after != null) {
        after.before = this;
      }
    }
  }

  private record Choice(Moment question, String before) {}

  private record Tried(BitSet done, String state) {}

  private static final class Search {
    private final List<Operation> operations;
    private final Moment head = new Moment(-1, Long.MIN_VALUE, false, null);
    private final Deque<Choice> choices = new ArrayDeque<>();
    private final Set<Tried> tried = new HashSet<>();
    private final BitSet done = new BitSet();
    private String state = ABSENT;
    private int required;

    Search(List<Operation> operations) {
      this.operations = operations;
      List<Moment> moments = new ArrayList<>();
      for (int i = 0; i < operations.size(); i++) {
        Operation operation = operations.get(i);
        Moment answer = null;
        if (operation.required()) {
          answer = new Moment(i, operation.call().answered(), false, null);
          moments.add(answer);
          required++;
        }
        moments.add(new Moment(i, operation.call().asked(), true, answer));
      }
      // A question at the very time of an answer may well have been before it.
      moments.sort(
          Comparator.comparingLong((Moment moment) -> moment.time)
              .thenComparingInt(moment -> moment.question ? 0 : 1));
      Moment last = head;
      for (Moment moment : moments) {
        last.after = moment;
        moment.before = last;
        last = moment;
      }
    }

    /** The call that nothing explains, or null when there is an order (or no verdict). */
    @Nullable Call run() {
      Call furthest = null;
      Moment moment = head.after;
      for (int steps = 0; required > 0 && steps < MOST_STEPS; steps++) {
        if (moment == null) {
          throw new IllegalStateException("a required call has no answer");
        }
        if (moment.question) {
          moment = choose(moment) ? head.after : moment.after;
          continue;
        }
        if (furthest == null || furthest.answered() < moment.time) {
          furthest = operations.get(moment.operation).call();
        }
        Choice choice = choices.poll();
        if (choice == null) {
          return furthest;
        }
        moment = takeBack(choice).after;
      }
      return null;
    }

    private boolean choose(Moment question) {
      Operation operation = operations.get(question.operation);
      if (operation.finds() != null && !operation.finds().equals(state)) {
        return false;
      }
      String next = operation.leaves() == null ? state : operation.leaves();
      BitSet then = (BitSet) done.clone();
      then.set(question.operation);
      if (!tried.add(new Tried(then, next))) {
        return false;
      }
      choices.push(new Choice(question, state));
      state = next;
      done.set(question.operation);
      question.unlink();
      if (question.answer != null) {
        question.answer.unlink();
        required--;
      }
      return true;
    }

    private Moment takeBack(Choice choice) {
      Moment question = choice.question();
      state = choice.before();
      done.clear(question.operation);
      if (question.answer != null) {
        question.answer.relink();
        required++;
      }
      question.relink();
      return question;
    }
  }
}
