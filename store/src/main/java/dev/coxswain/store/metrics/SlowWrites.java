package dev.coxswain.store.metrics;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.raft.EntryTimes;
import java.time.Duration;
import java.util.function.Consumer;

/** Says of a slow write where its time went, down to this member's own flush. */
final class SlowWrites {
  private static final Duration SLOW = Duration.ofMillis(500);

  /** On a machine that is slow for long, one line tells of many. */
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(1);

  private static final long NANOS_A_MILLI = 1_000_000;

  private final Time time;
  private final Consumer<String> say;
  private volatile long lastFlush;
  private long nextLine;
  private long unsaid;

  /** Speaks to an operator. */
  SlowWrites(Time time, Consumer<String> say) {
    this.time = time;
    this.say = say;
    this.nextLine = time.nanos();
  }

  /** A flush took so many nanoseconds. With one entry under way it is that entry's. */
  void flushed(long nanos) {
    lastFlush = nanos;
  }

  /** An entry was written. On one thread at a time. */
  void written(EntryTimes times) {
    if (times.total() < SLOW.toNanos()) {
      return;
    }
    long now = time.nanos();
    if (now - nextLine < 0) {
      unsaid++;
      return;
    }
    nextLine = now + BETWEEN_LINES.toNanos();
    say.accept(
        "a write took %d ms: %d until its entry was begun (with %d others), %d until that was in the log, %d until a majority had it (the last flush here took %d), %d until it was applied; %d slow ones before it are not told of"
            .formatted(
                millis(times.total()),
                millis(times.waited()),
                times.operations() - 1,
                millis(times.appended()),
                millis(times.committed()),
                millis(lastFlush),
                millis(times.applied()),
                unsaid));
    unsaid = 0;
  }

  private static long millis(long nanos) {
    return nanos / NANOS_A_MILLI;
  }
}
