package dev.coxswain.bench.api;

import dev.coxswain.bench.Latencies;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Watches, each on a connection of its own; measures how old events are when they arrive. */
final class Watchers implements AutoCloseable {
  private static final byte[] STAMP = "\"stamp\":\"".getBytes(StandardCharsets.UTF_8);

  private final List<Watcher> watchers = new ArrayList<>();
  private final Time time;

  /** How many events came, and their ages in milliseconds. */
  record Result(long events, double median, double ninetyNinth) {}

  Watchers(Connection.Target target, String path, int count, Time time) throws IOException {
    this.time = time;
    for (int i = 0; i < count; i++) {
      Connection connection = new Connection(target);
      connection.watch(path);
      Watcher watcher = new Watcher(connection);
      watchers.add(watcher);
      Thread.ofVirtual().name("watcher-" + i).start(watcher);
    }
  }

  /** What came since the last time. */
  Result take() {
    long[] sorted = watchers.stream().flatMapToLong(Watcher::take).sorted().toArray();
    return new Result(
        sorted.length, Latencies.percentile(sorted, 0.5), Latencies.percentile(sorted, 0.99));
  }

  private final class Watcher implements Runnable {
    private final Connection connection;
    private long[] ages = new long[256];
    private int count;

    Watcher(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void run() {
      try {
        while (true) {
          byte[] chunk = connection.event();
          long now = time.nanos();
          for (int at = find(chunk, 0); at >= 0; at = find(chunk, at)) {
            add(now - number(chunk, at));
          }
        }
      } catch (IOException closed) {
        // The end of the watch; one that ended before its time shows in the number of events.
        return;
      }
    }

    private synchronized void add(long age) {
      if (count == ages.length) {
        ages = Arrays.copyOf(ages, count * 2);
      }
      ages[count++] = age;
    }

    synchronized LongStream take() {
      long[] taken = Arrays.copyOf(ages, count);
      count = 0;
      return Arrays.stream(taken);
    }
  }

  /** Just behind the next stamp's opening quote; -1 when there is none. */
  private static int find(byte[] bytes, int from) {
    for (int i = from; i <= bytes.length - STAMP.length; i++) {
      if (bytes[i] == STAMP[0]
          && Arrays.equals(bytes, i, i + STAMP.length, STAMP, 0, STAMP.length)) {
        return i + STAMP.length;
      }
    }
    return -1;
  }

  private static long number(byte[] bytes, int from) {
    long number = 0;
    for (int i = from; bytes[i] != '"'; i++) {
      number = number * 10 + bytes[i] - '0';
    }
    return number;
  }

  @Override
  public void close() throws IOException {
    for (Watcher watcher : watchers) {
      watcher.connection.close();
    }
  }
}
