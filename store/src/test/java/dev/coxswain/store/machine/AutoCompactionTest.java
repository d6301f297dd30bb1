package dev.coxswain.store.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.store.machine.AutoCompaction.Policy;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class AutoCompactionTest {
  @Test
  void periodicKeepsWhatIsYounger() {
    AutoCompaction compaction = new AutoCompaction(Policy.parse("periodic", "10m"));
    for (int minute = 0; minute < 10; minute++) {
      assertThat(compaction.look(minutes(minute), 100 + minute, 0)).isEmpty();
    }
    assertThat(compaction.look(minutes(10), 110, 0)).isEqualTo(OptionalLong.of(100));
    assertThat(compaction.look(minutes(10), 111, 100)).isEmpty();
    assertThat(compaction.look(minutes(11), 111, 100)).isEqualTo(OptionalLong.of(101));
  }

  @Test
  void idleStoreIsNotCompactedTwiceAtOneRevision() {
    AutoCompaction compaction = new AutoCompaction(Policy.parse("periodic", "10m"));
    long compacted = 0;
    int times = 0;
    for (int minute = 0; minute < 60; minute++) {
      OptionalLong due = compaction.look(minutes(minute), 42, compacted);
      compacted = due.orElse(compacted);
      times += due.isPresent() ? 1 : 0;
    }
    assertThat(times).isEqualTo(1);
  }

  @Test
  void whatWasNotCompactedIsDueAgain() {
    AutoCompaction compaction = new AutoCompaction(Policy.parse("periodic", "10m"));
    for (int minute = 0; minute < 10; minute++) {
      assertThat(compaction.look(minutes(minute), 42, 0)).isEmpty();
    }
    assertThat(compaction.look(minutes(10), 42, 0)).isEqualTo(OptionalLong.of(42));
    assertThat(compaction.look(minutes(11), 42, 0)).isEqualTo(OptionalLong.of(42));
  }

  @Test
  void revisionModeKeepsTheNewest() {
    AutoCompaction compaction = new AutoCompaction(Policy.parse("revision", "1000"));
    assertThat(compaction.look(minutes(0), 900, 0)).isEmpty();
    assertThat(compaction.look(minutes(5), 5000, 0)).isEqualTo(OptionalLong.of(4000));
  }

  @Test
  void flagsAreReadAsEtcdReadsThem() {
    assertThat(Policy.parse("periodic", "0")).isEqualTo(new Policy.Off());
    for (String nothing : List.of("0h", "0m0s", "00")) {
      assertThat(Policy.parse("periodic", nothing)).isEqualTo(new Policy.Off());
    }
    assertThat(Policy.parse("revision", "00")).isEqualTo(new Policy.Off());
    assertThat(Policy.parse("periodic", "8")).isEqualTo(new Policy.Periodic(Duration.ofHours(8)));
    assertThat(Policy.parse("periodic", "1h30m"))
        .isEqualTo(new Policy.Periodic(Duration.ofMinutes(90)));
    assertThat(Policy.parse("periodic", "0.5h"))
        .isEqualTo(new Policy.Periodic(Duration.ofMinutes(30)));
    assertThatThrownBy(() -> Policy.parse("periodic", "soon"))
        .hasMessageContaining("--auto-compaction-retention");
    assertThatThrownBy(() -> Policy.parse("revision", "5m")).hasMessageContaining("revisions");
    assertThatThrownBy(() -> Policy.parse("never", "5m"))
        .hasMessageContaining("--auto-compaction-mode");
  }

  private static long minutes(long minutes) {
    return Duration.ofMinutes(minutes).toNanos();
  }
}
