package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that looks at all objects of a resource whenever one of them changes, and once at the
 * start. It follows the state and not the events: many changes may be one look.
 */
public final class Follower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration READY_PERIOD = Duration.ofMillis(20);

  private final String name;
  private final WatchCache cache;
  private final GroupResource resource;
  private final Time time;
  private final Semaphore wake = new Semaphore(0);
  private @Nullable Thread thread;

  /**
   * Follows the resource once it is started.
   *
   * @param name the thread's
   */
  public Follower(String name, WatchCache cache, GroupResource resource, Time time) {
    this.name = name;
    this.cache = cache;
    this.resource = resource;
    this.time = time;
  }

  /**
   * Starts the thread.
   *
   * @param look called at each change; false where it is to be tried again after a pause, as it is
   *     where it fails
   */
  public void start(BooleanSupplier look) {
    thread = Thread.ofVirtual().name(name).start(() -> run(look));
  }

  /** Has it look once more. */
  public void wake() {
    wake.release();
  }

  private void run(BooleanSupplier look) {
    Subscription subscription = null;
    try {
      while (!cache.ready()) {
        time.sleep(READY_PERIOD);
      }
      subscription = subscribe();
      while (true) {
        wake.drainPermits();
        subscription = subscription.drained(this::subscribe);
        if (well(look)) {
          wake.acquire();
        } else {
          time.sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      log.debug("{} are no longer followed", resource);
    } finally {
      if (subscription != null) {
        subscription.close();
      }
    }
  }

  /** One that cannot be looked at now must not stay unfollowed. */
  private boolean well(BooleanSupplier look) {
    try {
      return look.getAsBoolean();
    } catch (RuntimeException e) {
      log.error("{} cannot be followed; trying again", resource, e);
      return false;
    }
  }

  private Subscription subscribe() {
    return cache.watchState(resource, Selection.namespace(""), this::wake);
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
