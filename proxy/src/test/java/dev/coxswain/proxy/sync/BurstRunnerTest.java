package dev.coxswain.proxy.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BurstRunnerTest {
  private final ManualTime time = new ManualTime();
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final BurstRunner runner =
      new BurstRunner(
          "test",
          time,
          Duration.ofMillis(100),
          () -> {
            runs.incrementAndGet();
            if (broken.get()) {
              throw new IOException("broken");
            }
          });

  @Test
  void theFirstRequestRunsAtOnceAndABurstOnlyOnceMore() {
    runner.request();
    time.advance(Duration.ZERO);
    assertThat(runs).hasValue(1);

    for (int index = 0; index < 50; index++) {
      runner.request();
    }
    time.advance(Duration.ofMillis(99));
    assertThat(runs).hasValue(1);
    time.advance(Duration.ofMillis(1));
    assertThat(runs).hasValue(2);
    assertThat(time.waiting()).isZero();
  }

  @Test
  void aFailureIsRepeatedLaterAndLater() {
    broken.set(true);
    runner.request();
    time.advance(Duration.ZERO);
    assertThat(runner.failures()).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(runs).hasValue(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(runs).hasValue(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(runs).hasValue(3);

    broken.set(false);
    time.advance(Duration.ofSeconds(4));
    assertThat(runs).hasValue(4);
    assertThat(runner.failures()).isZero();
    assertThat(time.waiting()).isZero();
  }

  @Test
  void nothingRunsOnceClosed() {
    runner.request();
    runner.close();
    runner.request();
    time.advance(Duration.ofMinutes(1));
    assertThat(runs).hasValue(0);
  }
}
