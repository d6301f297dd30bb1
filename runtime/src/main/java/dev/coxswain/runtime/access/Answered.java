package dev.coxswain.runtime.access;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers that hold for a while, the least lately used dropped when there are too many. Failures
 * are not remembered. Thread-safe; two that ask the same at once may both ask.
 */
final class Answered<Q, A> {
  private final Time time;
  private final Map<Q, Held<A>> entries;

  private record Held<A>(A answer, long until) {}

  Answered(int most, Time time) {
    this.time = time;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Q, Held<A>> eldest) {
            return size() > most;
          }
        };
  }

  A get(Q question, Function<Q, A> ask, Function<A, Duration> holds) {
    synchronized (entries) {
      @Nullable Held<A> known = entries.get(question);
      if (known != null && time.nanos() - known.until() < 0) {
        return known.answer();
      }
    }
    A answer = ask.apply(question);
    synchronized (entries) {
      entries.put(question, new Held<>(answer, time.nanos() + holds.apply(answer).toNanos()));
    }
    return answer;
  }
}
