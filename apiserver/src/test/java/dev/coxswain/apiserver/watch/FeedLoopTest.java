package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coxswain.apiserver.storage.ForwardingStore;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreChange;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.storage.StoreWatch;
import dev.coxswain.runtime.time.SystemTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the cache asks of a store that answers late, or fails in ways of its own. */
final class FeedLoopTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** Opens a stream only after a while, and counts those that are open. */
  private static final class Slow extends ForwardingStore {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    Slow() {
      super(new MemoryStore());
    }

    @Override
    public StoreWatch watch(long fromRevision) {
      asked.countDown();
      boolean interrupted = false;
      while (goOn.getCount() > 0) {
        try {
          goOn.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      StoreWatch stream = super.watch(fromRevision);
      opened.incrementAndGet();
      return new StoreWatch() {
        @Override
        public List<StoreChange> next(Duration wait) throws InterruptedException {
          return stream.next(wait);
        }

        @Override
        public void close() {
          closed.incrementAndGet();
          stream.close();
        }
      };
    }
  }

  @Test
  void aStreamThatOpensAfterTheEndIsClosed() throws InterruptedException {
    Slow store = new Slow();
    FeedLoop loop = new FeedLoop(store, _ -> true, new SystemTime(), threads);
    loop.start();
    store.asked.await();
    loop.close();
    store.goOn.countDown();
    await().until(() -> store.opened.get() == 1 && store.closed.get() >= 1);
  }

  /** Breaks once. */
  private static final class Breaking extends ForwardingStore {
    private boolean broken;

    Breaking() {
      super(new MemoryStore());
    }

    @Override
    public synchronized long revision() {
      if (!broken) {
        broken = true;
        throw new StackOverflowError("once");
      }
      return super.revision();
    }
  }

  @Test
  void aQuestionThatBreaksIsAnsweredAndTheNextOneIsAsked() throws InterruptedException {
    Breaking store = new Breaking();
    RevisionReader reader = new RevisionReader(store, threads);
    assertThatThrownBy(reader::revision)
        .isInstanceOf(IllegalStateException.class)
        .hasCauseInstanceOf(StackOverflowError.class);
    assertThat(reader.revision()).isEqualTo(store.revision());
  }

  @Test
  void nobodyWaitsForAnAnswerOnceNothingIsAskedAnyMore() {
    threads.shutdownNow();
    RevisionReader reader = new RevisionReader(new MemoryStore(), threads);
    assertThatThrownBy(reader::revision).isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(reader::revision).isInstanceOf(StoreUnavailableException.class);
  }
}
