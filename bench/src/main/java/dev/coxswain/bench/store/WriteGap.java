package dev.coxswain.bench.store;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** The longest time without any acknowledged write when the leader is killed with kill -9. */
final class WriteGap {
  /** A put so often, to each member in turn, whether or not those before were answered. */
  private static final Duration PERIOD = Duration.ofMillis(10);

  private static final Duration BEFORE = Duration.ofSeconds(2);
  private static final Duration AFTER = Duration.ofSeconds(8);

  private final Members members;
  private final Load load;
  private final Time time;

  /** Gaps in milliseconds. */
  record Result(double median, double longest) {}

  WriteGap(Members members, Load load, Time time) {
    this.members = members;
    this.load = load;
    this.time = time;
  }

  /** Kills the leader so many times, and starts it again each time. */
  Result measure(int kills) throws IOException, InterruptedException {
    double[] gaps = new double[kills];
    for (int i = 0; i < kills; i++) {
      gaps[i] = once();
    }
    Arrays.sort(gaps);
    return new Result(gaps[kills / 2], gaps[kills - 1]);
  }

  private double once() throws IOException, InterruptedException {
    AtomicLong last = new AtomicLong(time.nanos());
    AtomicLong longest = new AtomicLong();
    load.onAcknowledged(now -> {
      long gap = now - last.getAndSet(now);
      longest.accumulateAndGet(gap, Math::max);
    });
    load.paced(PERIOD, BEFORE);
    int leader = members.leader().orElseThrow(() -> new IllegalStateException("nobody leads"));
    longest.set(0);
    members.kill(leader);
    load.paced(PERIOD, AFTER);
    load.onAcknowledged(now -> {});
    long open = time.nanos() - last.get();
    members.restart(leader);
    members.awaitReady();
    return Math.max(longest.get(), open) / 1e6;
  }
}
