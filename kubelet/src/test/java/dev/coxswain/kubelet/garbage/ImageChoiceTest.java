package dev.coxswain.kubelet.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ImageChoiceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration AGE = Duration.ofMinutes(2);

  @Test
  void theLongestUnusedGoFirstAndNoMoreThanNeeded() {
    var never = image("never", 10, 60, -1);
    var lately = image("lately", 10, 60, 5);
    var longAgo = image("long-ago", 10, 60, 50);
    assertThat(ImageChoice.of(List.of(lately, longAgo, never), 15, AGE, NOW))
        .containsExactly(never, longAgo);
  }

  @Test
  void youngOnesStay() {
    var young = image("young", 10, 1, -1);
    var old = image("old", 10, 3, -1);
    assertThat(ImageChoice.of(List.of(young, old), 100, AGE, NOW)).containsExactly(old);
  }

  @Test
  void whereNothingIsWantedNothingGoes() {
    assertThat(ImageChoice.of(List.of(image("old", 10, 60, -1)), 0, AGE, NOW)).isEmpty();
  }

  private static ImageChoice.Unused image(String id, long bytes, long seen, long used) {
    return new ImageChoice.Unused(
        id,
        bytes,
        NOW.minus(Duration.ofMinutes(seen)),
        used < 0 ? Instant.EPOCH : NOW.minus(Duration.ofMinutes(used)));
  }
}
