package dev.coxswain.runtime.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

/** The machine's clock; each timer is one parked virtual thread. */
public final class SystemTime implements Time {

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    Thread.sleep(duration);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    var decided = new AtomicBoolean();
    Thread thread =
        Thread.ofVirtual()
            .name("timer")
            .start(() -> {
              try {
                Thread.sleep(delay);
              } catch (InterruptedException cancelled) {
                return;
              }
              if (decided.compareAndSet(false, true)) {
                task.run();
              }
            });
    return () -> {
      // Whoever decides first wins, so that a task that has started is never interrupted.
      if (decided.compareAndSet(false, true)) {
        thread.interrupt();
      }
    };
  }
}
