package dev.coxswain.e2e;

import dev.coxswain.e2e.history.Call;
import dev.coxswain.e2e.history.Recording;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Clients that write, read and watch one site through all its servers and note what they see. */
final class HistoryClients {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final HistorySite site;
  private final Randomness random;
  private final Time time = new SystemTime();
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final List<HistoryWatcher> watchers = new ArrayList<>();
  private final List<Thread> watching = new ArrayList<>();
  private final List<Thread> writing = new ArrayList<>();
  private volatile boolean stopping;

  HistoryClients(HistorySite site, Randomness random) {
    this.site = site;
    this.random = random;
  }

  void start(int writers, int observers) {
    for (int index = 0; index < observers; index++) {
      HistoryWatcher watcher = new HistoryWatcher(index, site, time, own(), calls);
      watchers.add(watcher);
      watching.add(begin("watcher-" + index, watcher::step));
    }
    for (int index = 0; index < writers; index++) {
      HistoryWriter writer = new HistoryWriter(index, site, time, own(), calls);
      writing.add(
          begin(
              "writer-" + index,
              () -> {
                writer.step();
                return !stopping;
              }));
    }
  }

  private Randomness own() {
    return Randomness.seeded(random.bits());
  }

  /** What a client does again and again until it says that it is done. */
  private interface Step {
    boolean goesOn() throws InterruptedException;
  }

  private Thread begin(String name, Step step) {
    return Thread.ofVirtual()
        .name(name)
        .start(() -> {
          try {
            while (step.goesOn()) {
              time.sleep(PAUSE);
            }
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** How many answers there were so far. */
  int answers() {
    return calls.size();
  }

  /** Ends the writers, and then the watchers when they have seen the last write. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : writing) {
      thread.join();
    }
    HistoryWriter last = new HistoryWriter(writing.size(), site, time, own(), calls);
    while (!last.write(HistorySite.SENTINEL)) {
      time.sleep(PAUSE);
    }
    for (Thread thread : watching) {
      if (!thread.join(Cluster.PATIENCE)) {
        throw new AssertionError(thread.getName() + " never saw the last write");
      }
    }
  }

  Recording recording() {
    return new Recording(
        List.copyOf(calls), watchers.stream().map(HistoryWatcher::watching).toList());
  }
}
