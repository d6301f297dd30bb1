package dev.coxswain.scheduler.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Many small worlds; a failure names its seed. */
class SchedulerSimulationTest {
  private static final int SEEDS = 300;
  private static final int STEPS = 600;

  @Test
  void nothingIsOverCommittedBoundTwiceOrForgotten() {
    long placed = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      World world = run(seed);
      try {
        world.settle();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
      assertThat(world.forgotten()).as("seed %d: pods that could be placed", seed).isEmpty();
      placed += world.placed();
    }
    assertThat(placed).as("the worlds are not empty").isGreaterThan(SEEDS);
  }

  @Test
  void theSameSeedGivesTheSameStory() {
    for (long seed = 1; seed <= 20; seed++) {
      assertThat(run(seed).trace()).as("seed %d", seed).isEqualTo(run(seed).trace());
    }
  }

  private static World run(long seed) {
    World world = new World(seed);
    for (int step = 0; step < STEPS; step++) {
      try {
        world.step();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + " step " + step, e);
      }
    }
    return world;
  }
}
