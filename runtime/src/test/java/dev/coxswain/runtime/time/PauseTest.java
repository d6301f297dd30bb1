package dev.coxswain.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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

  private void rest(Duration most) {
    try {
      pause.rest(most);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
