package dev.coxswain.kubelet.pressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ThresholdsTest {

  @Test
  void upstreamsDefaultsAreRead() {
    List<Threshold> all = Thresholds.of(Thresholds.DEFAULT_HARD, Map.of(), Map.of(), Map.of());
    assertThat(all).extracting(Threshold::signal).doesNotContain(Signal.PID_AVAILABLE).hasSize(5);
    assertThat(all).allMatch(Threshold::hard);
    assertThat(all.getFirst().amount().of(1L << 40)).isEqualTo(100L << 20);
    assertThat(all.get(1).amount().of(2000)).isEqualTo(200);
  }

  @Test
  void aSoftThresholdHasItsGraceAndItsReclaim() {
    Threshold soft =
        Thresholds.of(
                Map.of(),
                Thresholds.split("--eviction-soft", "memory.available<300Mi", "<"),
                Thresholds.split("--eviction-soft-grace-period", "memory.available=1m30s", "="),
                Thresholds.split("--eviction-minimum-reclaim", "memory.available=10%", "="))
            .getFirst();
    assertThat(soft.grace()).isEqualTo(Duration.ofSeconds(90));
    assertThat(soft.reclaim().of(1000)).isEqualTo(100);
  }

  @Test
  void whatIsWrongIsToldByItsFlag() {
    assertThatThrownBy(
            () -> Thresholds.of(Map.of("memory.free", "1"), Map.of(), Map.of(), Map.of()))
        .hasMessage("--eviction-hard: unknown eviction signal memory.free");
    assertThatThrownBy(
            () -> Thresholds.of(Map.of(), Map.of("memory.available", "1"), Map.of(), Map.of()))
        .hasMessageContaining("grace period must be specified");
    assertThatThrownBy(() -> Thresholds.split("--eviction-hard", "memory.available", "<"))
        .hasMessageContaining("is not of the form signal<value");
    assertThatThrownBy(
            () -> Thresholds.of(Map.of("memory.available", "130%"), Map.of(), Map.of(), Map.of()))
        .hasMessage("--eviction-hard: 130% must lie between 0% and 100%");
  }

  @Test
  void aThresholdOfNothingIsNone() {
    assertThat(Thresholds.of(Map.of("imagefs.available", "0%"), Map.of(), Map.of(), Map.of()))
        .isEmpty();
  }
}
