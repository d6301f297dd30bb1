package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HousekeepingTest {
  private static final Duration TICKS = Duration.ofSeconds(5);

  private final ManualTime time = new ManualTime();
  private final List<String> done = new ArrayList<>();

  @Test
  void aChoreThatFailsKeepsNoOtherFromBeingDone() {
    var housekeeping =
        new Housekeeping(
            time,
            List.of(
                () -> {
                  throw new IllegalStateException("not now");
                },
                () -> done.add("second")));
    housekeeping.start();
    time.advance(TICKS);
    assertThat(done).hasSizeGreaterThan(1);
    housekeeping.close();
  }

  /** What is closed may have a successor on the same directory. */
  @Test
  void nothingIsDoneAnyMoreOnceItIsClosed() {
    List<Housekeeping> self = new ArrayList<>();
    var housekeeping =
        new Housekeeping(
            time, List.of(() -> self.getFirst().close(), () -> done.add("after the close")));
    self.add(housekeeping);
    housekeeping.start();
    time.advance(TICKS);
    assertThat(done).isEmpty();
    assertThat(time.waiting()).isZero();
  }
}
