package dev.coxswain.store.watch;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the {@link WatchHub}. Others post what they want of it; each client stream
 * has at most one message under way, so the mailbox is bounded by the streams.
 */
public final class WatchDispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(WatchDispatcher.class);

  /** How long the thread sleeps at most when nobody wakes it. */
  private static final Duration IDLE = Duration.ofSeconds(1);

  private final WatchHub hub;
  private final Time time;
  private final Duration progressInterval;
  private final ConcurrentLinkedQueue<Consumer<WatchHub>> mailbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean stopped;

  /** A dispatcher that tells quiet watches how far they are every {@code progressInterval}. */
  public WatchDispatcher(WatchHub hub, Time time, Duration progressInterval) {
    this.hub = hub;
    this.time = time;
    this.progressInterval = progressInterval;
    this.thread = Thread.ofPlatform().name("watch").daemon().unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Runs something on the hub's thread, soon. */
  public void post(Consumer<WatchHub> action) {
    mailbox.add(action);
    rouse();
  }

  /**
   * Says that there may be something to do: a revision was published, a client reads again. While
   * nobody watches the thread sleeps on.
   */
  public void wake() {
    if (hub.streams() > 0) {
      rouse();
    }
  }

  private void rouse() {
    if (awake.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    long nextProgress = time.nanos() + progressInterval.toNanos();
    while (!stopped) {
      try {
        awake.set(false);
        boolean more = step();
        if (time.nanos() - nextProgress >= 0) {
          hub.notifyProgress();
          nextProgress = time.nanos() + progressInterval.toNanos();
        }
        if (!more && !awake.get()) {
          long untilProgress = nextProgress - time.nanos();
          LockSupport.parkNanos(this, Math.clamp(untilProgress, 1, IDLE.toNanos()));
        }
      } catch (RuntimeException e) {
        LOG.error("watch: an event could not be handed on; the other watches go on", e);
      }
    }
  }

  private boolean step() {
    Consumer<WatchHub> action = mailbox.poll();
    while (action != null) {
      action.accept(hub);
      action = mailbox.poll();
    }
    return hub.pump();
  }

  /** Ends the thread, if it was started. */
  public void stop() throws InterruptedException {
    stopped = true;
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    LockSupport.unpark(thread);
    thread.join(IDLE);
  }
}
