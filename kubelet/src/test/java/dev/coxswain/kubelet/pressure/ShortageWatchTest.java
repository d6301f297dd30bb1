package dev.coxswain.kubelet.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ShortageWatchTest {
  private static final Duration TRANSITION = Duration.ofMinutes(5);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void aHardThresholdActsAtOnceAndItsConditionOutlastsIt() {
    ShortageWatch watch = watch(threshold(100, 0, 0));
    assertThat(look(watch, 150).pressures()).isEmpty();
    assertThat(look(watch, 99).starved()).isPresent();
    ShortageWatch.Finding eased = look(watch, 100);
    assertThat(eased.starved()).isEmpty();
    assertThat(eased.pressures()).containsExactly(Pressure.MEMORY);
    pass(TRANSITION);
    assertThat(look(watch, 100).pressures()).isEmpty();
  }

  @Test
  void aSoftThresholdTellsAtOnceAndActsAfterItsGrace() {
    ShortageWatch watch = watch(threshold(100, 60, 0));
    assertThat(look(watch, 50).starved()).isEmpty();
    assertThat(look(watch, 50).pressures()).containsExactly(Pressure.MEMORY);
    pass(Duration.ofSeconds(59));
    assertThat(look(watch, 50).starved()).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(look(watch, 50).starved()).isPresent();
  }

  @Test
  void aMomentOfEaseBeginsTheGraceAnew() {
    ShortageWatch watch = watch(threshold(100, 60, 0));
    look(watch, 50);
    pass(Duration.ofSeconds(59));
    look(watch, 150);
    pass(Duration.ofSeconds(2));
    assertThat(look(watch, 50).starved()).isEmpty();
  }

  @Test
  void onceActingTheMinimumIsReclaimed() {
    ShortageWatch watch = watch(threshold(100, 0, 50));
    assertThat(look(watch, 120).starved()).isEmpty();
    assertThat(look(watch, 90).starved()).isPresent();
    assertThat(look(watch, 149).starved()).isPresent();
    assertThat(look(watch, 150).starved()).isEmpty();
    assertThat(look(watch, 120).starved()).isEmpty();
  }

  @Test
  void memoryComesBeforeDisk() {
    ShortageWatch watch =
        watch(
            new Threshold(Signal.NODEFS_AVAILABLE, amount(10), Duration.ZERO, Amount.none()),
            threshold(100, 0, 0));
    ShortageWatch.Finding finding =
        watch.observe(
            Map.of(
                Signal.NODEFS_AVAILABLE, new Reading(1, 1000),
                Signal.MEMORY_AVAILABLE, new Reading(1, 1000)),
            now);
    assertThat(finding.starved().map(Threshold::signal)).contains(Signal.MEMORY_AVAILABLE);
    assertThat(finding.pressures()).containsExactly(Pressure.MEMORY, Pressure.DISK);
  }

  @Test
  void aFileSystemWithoutInodesHasEnough() {
    ShortageWatch watch =
        watch(
            new Threshold(
                Signal.NODEFS_INODES_FREE,
                Amount.parse("test", "5%"),
                Duration.ZERO,
                Amount.none()));
    assertThat(watch.observe(Map.of(Signal.NODEFS_INODES_FREE, new Reading(0, 0)), now).pressures())
        .isEmpty();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private ShortageWatch.Finding look(ShortageWatch watch, long free) {
    return watch.observe(Map.of(Signal.MEMORY_AVAILABLE, new Reading(free, 1000)), now);
  }

  private static ShortageWatch watch(Threshold... thresholds) {
    return new ShortageWatch(List.of(thresholds), TRANSITION);
  }

  private static Threshold threshold(long amount, long graceSeconds, long reclaim) {
    return new Threshold(
        Signal.MEMORY_AVAILABLE, amount(amount), Duration.ofSeconds(graceSeconds), amount(reclaim));
  }

  private static Amount amount(long amount) {
    return Amount.parse("test", Long.toString(amount));
  }
}
