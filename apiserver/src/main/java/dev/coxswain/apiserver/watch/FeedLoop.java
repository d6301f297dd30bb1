package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The caches of what one store keeps, and the thread that keeps them current. */
final class FeedLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FeedLoop.class);

  /** How long a reader waits for the cache to reach the store's revision. */
  private static final Duration CATCH_UP = Duration.ofSeconds(3);

  /** How long one step waits for changes. */
  private static final Duration STEP = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final Time time;
  private final Progress progress;
  private final StoreFeed feed;
  private final RevisionReader revisions;
  private volatile @Nullable String problem;
  private volatile boolean closed;
  private @Nullable Thread thread;

  /** Follows what the store has of its own resources, once it is started. */
  FeedLoop(Store store, Predicate<GroupResource> own, Time time, Executor executor) {
    this.time = time;
    this.progress = new Progress(time);
    this.feed = new StoreFeed(store, own, progress);
    this.revisions = new RevisionReader(store, executor);
  }

  StoreFeed feed() {
    return feed;
  }

  void start() {
    thread = Thread.ofVirtual().name("watch-cache").start(this::run);
  }

  private void run() {
    try {
      follow();
    } finally {
      // Again: a stream that was being opened meanwhile would stay open.
      feed.close();
    }
  }

  private void follow() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      try {
        feed.step(STEP);
        pause = FIRST_PAUSE;
        problem = null;
      } catch (StoreUnavailableException e) {
        if (pause.equals(FIRST_PAUSE)) {
          log.warn("watch cache: {}; trying on", e.getMessage());
        }
        problem = String.valueOf(e.getMessage());
        try {
          time.sleep(pause);
        } catch (InterruptedException stop) {
          return;
        }
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("watch cache: a change could not be taken in; the stream is opened again", e);
        feed.reconnect();
        pause = LONGEST_PAUSE;
      }
    }
  }

  /** What keeps it from following the store; empty where nothing does. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  long applied() {
    return progress.applied();
  }

  boolean awaitCurrent() throws InterruptedException {
    return await(revisions.revision());
  }

  boolean await(long revision) throws InterruptedException {
    if (progress.await(revision, CATCH_UP)) {
      return true;
    }
    log.warn(
        "watch cache: at revision {} while {} is wanted; opening the stream again",
        progress.applied(),
        revision);
    feed.reconnect();
    return false;
  }

  boolean awaitGiven(long revision) throws InterruptedException {
    return progress.await(revision, CATCH_UP);
  }

  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    feed.close();
  }
}
