package dev.coxswain.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class PauseTest {
  private final Pause pause = new Pause(new SystemTime());

  @Test
  void whatCameBeforeItBeginsEndsItOnce() throws InterruptedException {
    pause.end();
    pause.rest(Duration.ofDays(1));
    Thread resting = Thread.ofVirtual().start(() -> rest(Duration.ofDays(1)));
    assertThat(resting.join(Duration.ofMillis(50))).as("over by the same call").isFalse();
    pause.end();
    resting.join();
  }

  @Test
  void itEndsWithItsTime() throws InterruptedException {
    pause.rest(Duration.ofMillis(1));
  }

  @Test
  void theTimeOfOneRestIsNotThatOfTheNext() throws InterruptedException {
    var late = new LateTimers(new ManualTime());
    Pause pausing = new Pause(late);
    pausing.end();
    pausing.rest(Duration.ofDays(1));
    // It had begun to run when it was cancelled.
    late.tasks().getFirst().run();
    Thread resting = Thread.ofVirtual().start(() -> rest(pausing, Duration.ofDays(1)));
    Awaitility.await().until(() -> resting.getState() == Thread.State.WAITING);
    pausing.end();
    resting.join();
  }

  private void rest(Duration most) {
    rest(pause, most);
  }

  private static void rest(Pause pause, Duration most) {
    try {
      pause.rest(most);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
