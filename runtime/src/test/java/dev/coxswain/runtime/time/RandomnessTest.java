package dev.coxswain.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RandomnessTest {

  @Test
  void theSameSeedGivesTheSameSequence() {
    Randomness one = Randomness.seeded(7);
    Randomness two = Randomness.seeded(7);
    for (int i = 0; i < 100; i++) {
      assertThat(one.bits()).isEqualTo(two.bits());
    }
    assertThat(Randomness.seeded(8).bits()).isNotEqualTo(Randomness.seeded(7).bits());
  }

  @Test
  void staysWithinItsBounds() {
    Randomness random = Randomness.seeded(1);
    var seen = new HashSet<Long>();
    for (int i = 0; i < 1_000; i++) {
      seen.add(random.below(3));
      assertThat(random.fraction()).isBetween(0.0, Math.nextDown(1.0));
      assertThat(random.jitter(Duration.ofSeconds(10), 0.5))
          .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
    }
    assertThat(seen).containsExactlyInAnyOrder(0L, 1L, 2L);
    assertThat(random.below(Long.MAX_VALUE)).isNotNegative();
  }

  @Test
  void uuidsAreOfVersionFourAndTheIetfVariant() {
    for (long seed = 0; seed < 100; seed++) {
      UUID uuid = UUID.fromString(Randomness.seeded(seed).uuid());
      assertThat(uuid.version()).isEqualTo(4);
      assertThat(uuid.variant()).isEqualTo(2);
    }
  }

  @Test
  void nameSuffixesUseTheSafeAlphabet() {
    assertThat(new SystemRandomness().nameSuffix(64))
        .matches("[" + Randomness.NAME_ALPHABET + "]{64}");
  }
}
