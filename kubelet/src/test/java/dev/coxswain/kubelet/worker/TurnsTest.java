package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TurnsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void oneComesASecondLaterAndManyOneAfterTheOther() {
    Turns turns = new Turns();
    assertThat(turns.next(NOW)).isEqualTo(NOW.plusSeconds(1));
    assertThat(turns.next(NOW)).isEqualTo(NOW.plusMillis(1200));
    assertThat(turns.next(NOW.plusSeconds(60))).isEqualTo(NOW.plusSeconds(61));
  }

  @Test
  void noneWaitsForLong() {
    Turns turns = new Turns();
    List<Instant> all = new ArrayList<>();
    for (int i = 0; i < 110; i++) {
      all.add(turns.next(NOW));
    }
    assertThat(all).isSorted();
    assertThat(Duration.between(NOW, all.getLast())).isEqualTo(Duration.ofSeconds(10));
    assertThat(turns.next(NOW.plusSeconds(30))).isEqualTo(NOW.plusSeconds(31));
  }
}
