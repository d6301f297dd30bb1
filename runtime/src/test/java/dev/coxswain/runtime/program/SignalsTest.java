package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SignalsTest {
  @Test
  void aSignalRunsTheTask() throws Exception {
    var heard = new CountDownLatch(2);
    Signals.on("USR1", heard::countDown);
    for (int times = 0; times < 2; times++) {
      long before = heard.getCount();
      new ProcessBuilder("kill", "-USR1", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
      // Two that wait at once would be one.
      org.awaitility.Awaitility.await().until(() -> heard.getCount() < before);
    }
    assertThat(heard.await(0, TimeUnit.SECONDS)).isTrue();
  }
}
