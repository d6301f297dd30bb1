package dev.coxswain.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SystemTimeTest {
  private final Time time = new SystemTime();

  @Test
  void runsATimerOnceItsDelayHasPassed() throws InterruptedException {
    var ran = new CountDownLatch(1);
    time.after(Duration.ofMillis(1), ran::countDown);
    assertThat(ran.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aCancelledTimerDoesNotRun() throws InterruptedException {
    Duration delay = Duration.ofMillis(100);
    AtomicBoolean ran;
    long began;
    do {
      ran = new AtomicBoolean();
      AtomicBoolean mine = ran;
      began = time.nanos();
      time.after(delay, () -> mine.set(true)).cancel();
      // Had this thread been kept waiting in between, it would have been cancelled too late.
    } while (time.nanos() - began >= delay.toNanos());
    var later = new CountDownLatch(1);
    time.after(delay.multipliedBy(2), later::countDown);
    assertThat(later.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).isFalse();
  }

  @Test
  void cancellingATimerThatRunsDoesNotInterruptIt() throws InterruptedException {
    var started = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var finished = new CountDownLatch(1);
    Time.Timer timer =
        time.after(
            Duration.ZERO,
            () -> {
              started.countDown();
              try {
                go.await();
                finished.countDown();
              } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
    timer.cancel();
    go.countDown();
    assertThat(finished.await(60, TimeUnit.SECONDS)).isTrue();
  }
}
