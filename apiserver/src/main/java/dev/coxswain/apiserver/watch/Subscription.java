package dev.coxswain.apiserver.watch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One watcher's place in the stream: first what it missed, then what happens. The cache puts events
 * in, one consumer takes them out.
 */
public final class Subscription implements AutoCloseable {
  /** How many events wait for a slow watcher; with one more it is dropped. */
  public static final int MAX_PENDING = 1024;

  /** What the consumer finds. */
  public sealed interface Next {
    /** An event. */
    record Event(Delivery delivery) implements Next {}

    /**
     * Nothing more for now; every change up to the revision has been taken, and none after it: who
     * goes on from there misses nothing and is told nothing again.
     */
    record Idle(long revision) implements Next {}

    /** The watcher was too slow, or the cache had to start anew: the stream ends. */
    record Dropped(Reason reason) implements Next {}
  }

  /** Why a stream ends from this side. */
  public enum Reason {
    /** More than {@link #MAX_PENDING} events waited. */
    SLOW,
    /** The cache lost the store's history; a watcher lists again. */
    RESET
  }

  private final ResourceCache cache;
  private final Selection selection;
  private final Runnable wake;
  private final LongSupplier applied;
  private final ArrayDeque<Delivery> pending = new ArrayDeque<>();
  private Iterator<Delivery> backlog;

  /** The revision of the newest change that was put in. */
  private long offered;

  private @Nullable Reason dropped;
  private boolean waiting;

  Subscription(
      ResourceCache cache,
      Selection selection,
      Iterator<Delivery> backlog,
      long offered,
      LongSupplier applied,
      Runnable wake) {
    this.cache = cache;
    this.selection = selection;
    this.backlog = backlog;
    this.offered = offered;
    this.applied = applied;
    this.wake = wake;
  }

  /**
   * Takes in what happened at one revision, all of it at once; called by the cache in order, never
   * blocks.
   */
  void offer(List<CacheEvent> events) {
    List<Delivery> deliveries = new ArrayList<>(events.size());
    for (CacheEvent event : events) {
      Delivery delivery = event.seenBy(selection);
      if (delivery != null) {
        deliveries.add(delivery);
      }
    }
    if (deliveries.isEmpty()) {
      return;
    }
    boolean call;
    synchronized (pending) {
      if (dropped != null) {
        return;
      }
      if (pending.size() + deliveries.size() > MAX_PENDING) {
        dropped = Reason.SLOW;
        pending.clear();
      } else {
        pending.addAll(deliveries);
        offered = events.getLast().revision();
      }
      call = waiting;
      waiting = false;
    }
    if (call) {
      wake.run();
    }
  }

  /** Ends the stream. */
  void drop(Reason reason) {
    boolean call;
    synchronized (pending) {
      if (dropped == null) {
        dropped = reason;
      }
      pending.clear();
      call = waiting;
      waiting = false;
    }
    if (call) {
      wake.run();
    }
  }

  /** Whether the state or the history from before the subscription has been taken. */
  public boolean caughtUp() {
    return !backlog.hasNext();
  }

  /**
   * Takes the next event. After {@link Next.Idle} the consumer is woken once when there is more.
   */
  public Next next() {
    if (backlog.hasNext()) {
      return new Next.Event(backlog.next());
    }
    // Read before looking: what is put in later may be newer than this.
    long revision = applied.getAsLong();
    synchronized (pending) {
      if (dropped != null) {
        return new Next.Dropped(dropped);
      }
      Delivery delivery = pending.poll();
      if (delivery != null) {
        return new Next.Event(delivery);
      }
      waiting = true;
      // What was put in here comes to count as applied only when all caches have taken it in.
      return new Next.Idle(Math.max(revision, offered));
    }
  }

  /**
   * Takes everything that has come, for consumers that look at the state and not at events. Where
   * this subscription was dropped, that of another one: only what was taken to its end wakes.
   *
   * @param again makes another subscription
   * @return the one to go on with
   */
  public Subscription drained(Supplier<Subscription> again) {
    Subscription current = this;
    while (!current.drain()) {
      current.close();
      current = again.get();
    }
    return current;
  }

  private boolean drain() {
    while (true) {
      switch (next()) {
        case Next.Event _ -> {}
        case Next.Idle _ -> {
          return true;
        }
        case Next.Dropped _ -> {
          return false;
        }
      }
    }
  }

  @Override
  public void close() {
    cache.remove(this);
  }
}
