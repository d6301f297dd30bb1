package dev.coxswain.bench.store;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Duration;

/** One of the two stores with its clients. */
record Contender(Members members, Load load, Time time) implements AutoCloseable {
  Contender(Members members, Time time, int keys) {
    this(members, new Load(members.clientPorts(), time, keys), time);
  }

  /** What a window came to; {@code cpuSeconds} for a thousand requests, by all members. */
  record Window(double rate, double median, double ninetyNinth, double cpuSeconds, long failures) {}

  Window window(Work work, int callers, int seconds) throws IOException {
    load.compact();
    double before = members.cpuSeconds();
    Load.Result result = load.window(work, callers, Duration.ofSeconds(seconds));
    return new Window(
        result.rate(),
        result.median(),
        result.ninetyNinth(),
        cpuSeconds(before, result, seconds),
        result.failures());
  }

  /** Puts with watches beside; the latencies are those from a put to its event. */
  Window watched(int watchers, int callers, int seconds) throws IOException {
    try (Watchers watches = new Watchers(members.clientPorts(), watchers, time)) {
      load.window(Work.PUT, callers, Duration.ofSeconds(1));
      watches.take();
      double before = members.cpuSeconds();
      Load.Result result = load.window(Work.PUT, callers, Duration.ofSeconds(seconds));
      Watchers.Result seen = watches.take();
      return new Window(
          result.rate(),
          seen.median(),
          seen.ninetyNinth(),
          cpuSeconds(before, result, seconds),
          result.failures());
    }
  }

  private double cpuSeconds(double before, Load.Result result, int seconds) throws IOException {
    return (members.cpuSeconds() - before) * 1000 / (result.rate() * seconds);
  }

  double resident() throws IOException {
    return members.residentMegabytes();
  }

  @Override
  public void close() throws IOException {
    load.close();
    members.close();
  }

  /** The mean of several windows. */
  static final class Sum {
    private int windows;
    private double rate;
    private double median;
    private double ninetyNinth;
    private double cpuSeconds;
    private long failures;

    void add(Window window) {
      windows++;
      rate += window.rate();
      median += window.median();
      ninetyNinth += window.ninetyNinth();
      cpuSeconds += window.cpuSeconds();
      failures += window.failures();
    }

    double rate() {
      return rate / windows;
    }

    double median() {
      return median / windows;
    }

    double ninetyNinth() {
      return ninetyNinth / windows;
    }

    double cpuSeconds() {
      return cpuSeconds / windows;
    }

    long failures() {
      return failures;
    }
  }
}
