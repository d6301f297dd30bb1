package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.raft.EntryTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SlowWritesTest {
  private static final long MILLI = 1_000_000;

  private final ManualTime time = new ManualTime();
  private final List<String> said = new ArrayList<>();
  private final SlowWrites slow = new SlowWrites(time, said::add);

  @Test
  void slowWriteIsToldOfPartByPart() {
    slow.flushed(900 * MILLI);
    slow.written(new EntryTimes(64, 10 * MILLI, 2 * MILLI, 950 * MILLI, 5 * MILLI));
    assertThat(said)
        .containsExactly(
            "a write took 967 ms: 10 until its entry was begun (with 63 others), 2 until that was"
                + " in the log, 950 until a majority had it (the last flush here took 900), 5 until"
                + " it was applied; 0 slow ones before it are not told of");
  }

  @Test
  void whatIsNotSlowIsNotTold() {
    slow.written(new EntryTimes(1, 0, 0, 499 * MILLI, 0));
    assertThat(said).isEmpty();
  }

  @Test
  void oneLineASecondTellsOfMany() {
    EntryTimes second = new EntryTimes(1, 0, 0, 1000 * MILLI, 0);
    slow.written(second);
    slow.written(second);
    slow.written(second);
    assertThat(said).hasSize(1);
    time.advance(Duration.ofSeconds(1));
    slow.written(second);
    assertThat(said).hasSize(2).last().asString().contains("2 slow ones before it");
  }
}
