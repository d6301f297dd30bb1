package dev.coxswain.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.podautoscaler.Pace.Verdict;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehaviorBuilder;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PaceTest {
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private final History history = new History();

  @ParameterizedTest
  @CsvSource({"1, 5", "3, 7", "4, 8", "10, 20"})
  void growsByFourOrTwofoldInAStep(int current, int most) {
    Verdict step = Pace.of(null).limit(current, 100, 1, 50, history, NOW);
    assertThat(step.replicas()).isEqualTo(most);
    assertThat(step.reason()).isEqualTo("ScaleUpLimit");
  }

  @Test
  void whatWasAddedInThePeriodCountsAgainstTheStep() {
    history.scaled(4, 8, NOW.minusSeconds(10));
    assertThat(Pace.of(null).limit(8, 100, 1, 50, history, NOW).replicas()).isEqualTo(8);
    assertThat(Pace.of(null).limit(8, 100, 1, 50, history, NOW.plusSeconds(10)).replicas())
        .isEqualTo(16);
  }

  @Test
  void theBoundsHaveTheLastWord() {
    Pace usual = Pace.of(null);
    assertThat(usual.limit(3, 100, 1, 5, history, NOW))
        .isEqualTo(
            new Verdict(
                5,
                "TooManyReplicas",
                "the desired replica count is more than the maximum replica count"));
    assertThat(usual.limit(3, 0, 2, 5, history, NOW).reason()).isEqualTo("TooFewReplicas");
    assertThat(usual.limit(3, 4, 2, 5, history, NOW).limited()).isFalse();
  }

  @Test
  void shrinksToTheHighestWishOfTheWindow() {
    history.recommend(7, NOW.minusSeconds(290));
    history.recommend(3, NOW.minusSeconds(10));
    Verdict held = Pace.of(null).stabilize(8, 2, history, NOW);
    assertThat(held.replicas()).isEqualTo(7);
    assertThat(held.reason()).isEqualTo("ScaleDownStabilized");
    assertThat(Pace.of(null).stabilize(8, 2, history, NOW.plusSeconds(20)).replicas()).isEqualTo(3);
  }

  @Test
  void growsToTheLowestWishOfAWindowOfItsOwn() {
    HorizontalPodAutoscalerBehavior slow =
        new HorizontalPodAutoscalerBehaviorBuilder()
            .withNewScaleUp()
            .withStabilizationWindowSeconds(60)
            .endScaleUp()
            .build();
    history.recommend(4, NOW.minusSeconds(30));
    Verdict held = Pace.of(slow).stabilize(2, 9, history, NOW);
    assertThat(held.replicas()).isEqualTo(4);
    assertThat(held.reason()).isEqualTo("ScaleUpStabilized");
  }

  @Test
  void selectsTheSlowestPolicyOrNone() {
    var rules =
        new HorizontalPodAutoscalerBehaviorBuilder()
            .withNewScaleDown()
            .withSelectPolicy("Min")
            .addNewPolicy(60, "Pods", 2)
            .addNewPolicy(60, "Percent", 50)
            .endScaleDown()
            .withNewScaleUp()
            .withSelectPolicy("Disabled")
            .endScaleUp();
    Pace pace = Pace.of(rules.build());
    assertThat(pace.limit(10, 1, 1, 50, history, NOW).replicas()).isEqualTo(8);
    assertThat(pace.limit(10, 1, 1, 50, history, NOW).reason()).isEqualTo("ScaleDownLimit");
    assertThat(pace.limit(10, 20, 1, 50, history, NOW).replicas()).isEqualTo(10);
  }
}
