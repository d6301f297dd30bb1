package dev.coxswain.scheduler;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * News for the scheduling thread. Of an object only the latest news waits, so there is never more
 * than one for each object of the cluster, and one for each pod that is being bound.
 */
final class Inbox {
  /** What to do with a piece of news, at a time in monotonic nanoseconds. */
  interface News extends BiConsumer<SchedulerCore, Long> {}

  private final Time time;
  private final Object lock = new Object();
  private Map<Object, News> waiting = new LinkedHashMap<>();
  private boolean woken;

  Inbox(Time time) {
    this.time = time;
  }

  /** Puts in what replaces former news about the same. */
  void put(Object about, News news) {
    synchronized (lock) {
      // Behind news that came meanwhile: a pod is heard of after its node.
      waiting.remove(about);
      waiting.put(about, news);
      lock.notifyAll();
    }
  }

  /** Ends a wait without news. */
  void wake() {
    synchronized (lock) {
      woken = true;
      lock.notifyAll();
    }
  }

  /** Takes all news that waits, in order. */
  List<News> take() {
    synchronized (lock) {
      if (waiting.isEmpty()) {
        return List.of();
      }
      List<News> taken = new ArrayList<>(waiting.values());
      waiting = new LinkedHashMap<>();
      return taken;
    }
  }

  /** Waits for news, for being woken, or for a moment to come. */
  void await(long untilNanos) throws InterruptedException {
    boolean forEver = untilNanos == Long.MAX_VALUE;
    long delay = forEver ? Long.MAX_VALUE : untilNanos - time.nanos();
    if (delay <= 0) {
      return;
    }
    Time.Timer timer = forEver ? () -> {} : time.after(Duration.ofNanos(delay), this::wake);
    try {
      synchronized (lock) {
        while (waiting.isEmpty() && !woken) {
          lock.wait();
        }
        woken = false;
      }
    } finally {
      timer.cancel();
    }
  }
}
