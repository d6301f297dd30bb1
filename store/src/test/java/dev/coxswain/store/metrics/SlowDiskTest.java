package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SlowDiskTest {
  private static final long MILLI = 1_000_000;

  private final ManualTime time = new ManualTime();
  private final List<String> said = new ArrayList<>();
  private final SlowDisk disk = new SlowDisk(time, said::add);

  /** A minute in which so many of a thousand flushes are slow. */
  private void minute(int slow) {
    for (int i = 0; i < 999; i++) {
      disk.flushed(i < slow ? 30 * MILLI : MILLI);
    }
    time.advance(Duration.ofMinutes(1));
    disk.flushed(MILLI);
  }

  @Test
  void oneInAHundredIsNotSlow() {
    minute(10);
    assertThat(disk.slow()).isFalse();
    assertThat(said).isEmpty();
  }

  @Test
  void moreAreTheDiskIsAndItIsSaidOnce() {
    minute(11);
    minute(500);
    assertThat(disk.slow()).isTrue();
    assertThat(said)
        .containsExactly(
            "the disk is slow: 11 of the last 1000 flushes of the log took over 10 ms, the longest"
                + " 30 ms; writes wait for it");
    minute(0);
    assertThat(disk.slow()).isFalse();
    assertThat(said)
        .hasSize(2)
        .last()
        .isEqualTo(
            "the disk is fast enough again: 0 of the last 1000 flushes of the log took over 10"
                + " ms");
  }

  @Test
  void fewFlushesTellNothing() {
    for (int i = 0; i < 99; i++) {
      time.advance(Duration.ofMinutes(1));
      disk.flushed(30 * MILLI);
    }
    assertThat(disk.slow()).isFalse();
    disk.flushed(30 * MILLI);
    assertThat(disk.slow()).isTrue();
  }
}
