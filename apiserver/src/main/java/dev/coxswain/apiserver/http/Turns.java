package dev.coxswain.apiserver.http;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks of one event loop that many streams have at once, as when an event goes to a thousand
 * watchers. An event loop reads nothing while it has tasks, so that a request that comes in then
 * would wait for all of them; here it waits for {@value #AT_ONCE}. The loop is woken once for all.
 */
final class Turns {
  private static final Logger log = LoggerFactory.getLogger(Turns.class);

  /** After so many tasks, some tenths of a millisecond, the loop reads what has come in. */
  static final int AT_ONCE = 32;

  private final EventLoop loop;

  /** Bounded by its users: each stream has one task here at most. */
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean scheduled = new AtomicBoolean();

  Turns(EventLoop loop) {
    this.loop = loop;
  }

  /** From any thread: has the loop run a task when it is its turn. */
  void add(Runnable task) {
    waiting.add(task);
    if (scheduled.compareAndSet(false, true)) {
      loop.execute(this::run);
    }
  }

  private void run() {
    Runnable task;
    for (int done = 0; done < AT_ONCE && (task = waiting.poll()) != null; done++) {
      try {
        task.run();
      } catch (RuntimeException e) {
        log.error("a task of a stream failed", e);
      }
    }
    if (waiting.isEmpty()) {
      scheduled.set(false);
      // What came in between saw that the loop was to look again.
      if (waiting.isEmpty() || !scheduled.compareAndSet(false, true)) {
        return;
      }
    }
    // A task for now would be run before anything is read; one of the clock is not.
    var _ = loop.schedule(this::run, 0, TimeUnit.NANOSECONDS);
  }
}
