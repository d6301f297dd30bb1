package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import org.junit.jupiter.api.Test;

class EventWindowTest {

  private static CacheEvent event(long revision, int bytes) {
    return new CacheEvent(
        new CachedObject(new ObjectKey("a", "b"), new byte[bytes], revision), null, false);
  }

  @Test
  void theOldestGoFirstAndTheFloorSaysSo() {
    EventWindow window = new EventWindow(10, 3, 1 << 20);
    for (long revision = 11; revision <= 15; revision++) {
      window.add(event(revision, 10));
    }
    assertThat(window.reachesBackTo(11)).isFalse();
    assertThat(window.reachesBackTo(12)).isTrue();
    assertThat(window.after(12)).extracting(CacheEvent::revision).containsExactly(13L, 14L, 15L);
    assertThat(window.after(14)).extracting(CacheEvent::revision).containsExactly(15L);
    assertThat(window.after(15)).isEmpty();
  }

  @Test
  void bytesAreBoundedToo() {
    EventWindow window = new EventWindow(0, 1000, 5000);
    for (long revision = 1; revision <= 10; revision++) {
      window.add(event(revision, 2000));
    }
    assertThat(window.after(0)).hasSizeLessThanOrEqualTo(2);
    assertThat(window.floor()).isEqualTo(8);
  }

  @Test
  void itGrowsWithoutLosingItsOrder() {
    EventWindow window = new EventWindow(0, 1000, 1 << 20);
    for (long revision = 1; revision <= 500; revision++) {
      window.add(event(revision, 1));
    }
    assertThat(window.after(0)).hasSize(500);
    assertThat(window.after(250).getFirst().revision()).isEqualTo(251);
  }
}
