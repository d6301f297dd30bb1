package dev.coxswain.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualTimeTest {
  private final ManualTime time = new ManualTime();
  private final List<String> ran = new ArrayList<>();

  @Test
  void runsTimersInDueOrderAndStandsAtEachDueTime() {
    long start = time.nanos();
    time.after(Duration.ofSeconds(2), () -> ran.add("late@" + seconds(start)));
    time.after(Duration.ofSeconds(1), () -> ran.add("early@" + seconds(start)));
    time.after(Duration.ofSeconds(1), () -> ran.add("second@" + seconds(start)));

    time.advance(Duration.ofSeconds(5));

    assertThat(ran).containsExactly("early@1", "second@1", "late@2");
    assertThat(seconds(start)).isEqualTo(5);
  }

  @Test
  void runsWhatATimerSetsWithinTheSameAdvance() {
    time.after(
        Duration.ofSeconds(1), () -> time.after(Duration.ofSeconds(1), () -> ran.add("chained")));

    time.advance(Duration.ofSeconds(2));

    assertThat(ran).containsExactly("chained");
  }

  @Test
  void doesNotRunWhatWasCancelled() {
    Time.Timer timer = time.after(Duration.ofSeconds(1), () -> ran.add("cancelled"));
    timer.cancel();

    time.advance(Duration.ofSeconds(2));

    assertThat(ran).isEmpty();
    assertThat(time.waiting()).isZero();
  }

  @Test
  void wakesASleeper() throws InterruptedException {
    Thread sleeper =
        Thread.startVirtualThread(() -> {
          try {
            time.sleep(Duration.ofHours(1));
            ran.add("woken");
          } catch (InterruptedException unexpected) {
            ran.add("interrupted");
          }
        });
    org.awaitility.Awaitility.await().until(() -> time.waiting() == 1);

    time.advance(Duration.ofHours(1));
    sleeper.join();

    assertThat(ran).containsExactly("woken");
  }

  private long seconds(long start) {
    return Duration.ofNanos(time.nanos() - start).toSeconds();
  }
}
