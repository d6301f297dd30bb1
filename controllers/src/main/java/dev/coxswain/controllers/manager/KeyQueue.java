package dev.coxswain.controllers.manager;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that wait to be reconciled: each at most once, never one that is being reconciled, which
 * waits until it is done. Bounded by the objects of the kind, for a key waits at most once.
 */
public final class KeyQueue<K> {
  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);
  private static final double JITTER = 0.5;

  private final Time time;
  private final Randomness random;
  private final Set<K> waiting = new LinkedHashSet<>();
  private final Set<K> taken = new HashSet<>();
  private final Set<K> again = new HashSet<>();
  private final Map<K, Delay> delays = new HashMap<>();
  private final Map<K, Integer> failures = new HashMap<>();
  private boolean closed;

  /** A wait of one key's. One that is over too late to be called off is told by being another. */
  private static final class Delay {
    private Time.@Nullable Timer timer;
  }

  public KeyQueue(Time time, Randomness random) {
    this.time = time;
    this.random = random;
  }

  /** Asks for the key to be reconciled as soon as a worker is free. */
  public synchronized void add(K key) {
    if (closed) {
      return;
    }
    if (taken.contains(key)) {
      again.add(key);
    } else if (waiting.add(key)) {
      notify();
    }
  }

  /** Asks for the key to be reconciled after a while, unless it waits for a time already. */
  public synchronized void addAfter(K key, Duration after) {
    if (!delays.containsKey(key)) {
      startTimer(key, after);
    }
  }

  /** Blocks for the next key; empty once the queue is closed. */
  public synchronized Optional<K> take() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    if (closed) {
      return Optional.empty();
    }
    K key = waiting.iterator().next();
    waiting.remove(key);
    taken.add(key);
    // Its reconcile will say anew when it has to come back.
    stopTimer(key);
    return Optional.of(key);
  }

  /** The key was reconciled and has nothing more to do until something wakes it. */
  public synchronized void done(K key) {
    failures.remove(key);
    release(key);
  }

  /** The key was reconciled and wants to be called again after a while. */
  public synchronized void doneUntil(K key, Duration after) {
    failures.remove(key);
    startTimer(key, after);
    release(key);
  }

  /** The key failed; it comes back after a pause that grows from failure to failure. */
  public synchronized Duration failed(K key) {
    int before = failures.merge(key, 1, Integer::sum) - 1;
    Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(before, 20));
    pause = random.jitter(pause.compareTo(LONGEST_RETRY) < 0 ? pause : LONGEST_RETRY, JITTER);
    startTimer(key, pause);
    release(key);
    return pause;
  }

  /** How many keys wait for a worker. */
  synchronized int depth() {
    return waiting.size();
  }

  /** Ends all waiting; nothing is given out any more. */
  public synchronized void close() {
    closed = true;
    List.copyOf(delays.keySet()).forEach(this::stopTimer);
    waiting.clear();
    notifyAll();
  }

  private void release(K key) {
    taken.remove(key);
    if (again.remove(key)) {
      add(key);
    }
  }

  private void startTimer(K key, Duration after) {
    if (!closed) {
      stopTimer(key);
      var delay = new Delay();
      delays.put(key, delay);
      delay.timer = time.after(after, () -> due(key, delay));
    }
  }

  private void stopTimer(K key) {
    Delay delay = delays.remove(key);
    if (delay != null && delay.timer != null) {
      delay.timer.cancel();
    }
  }

  private synchronized void due(K key, Delay delay) {
    if (delays.remove(key, delay)) {
      add(key);
    }
  }
}
