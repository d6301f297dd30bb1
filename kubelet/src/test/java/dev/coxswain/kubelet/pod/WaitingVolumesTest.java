package dev.coxswain.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A pod whose volumes somebody else has to bring first. */
class WaitingVolumesTest {
  private static final PodAction PREPARE = new PodAction.Prepare();

  private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final PodMachine machine =
      new PodMachine(new PodDecider(Story.HOST), Story.pod("Always", Story.container("main")), now);
  private final Failure waiting =
      new Failure("FailedMount", "not attached yet", now, now.plus(Duration.ofMinutes(1)));

  WaitingVolumesTest() {
    assertThat(step()).containsExactly(PREPARE);
  }

  @Test
  void nobodyLooksAgainUntilSomethingHasCome() {
    machine.completed(PREPARE, Optional.of(waiting));
    assertThat(step()).isEmpty();
    machine.volumesChanged();
    assertThat(step()).containsExactly(PREPARE);
  }

  @Test
  void whatComesWhileOneLooksIsNotMissed() {
    machine.volumesChanged();
    assertThat(step()).isEmpty();
    machine.completed(PREPARE, Optional.of(waiting));
    assertThat(step()).containsExactly(PREPARE);
    machine.completed(PREPARE, Optional.of(waiting));
    assertThat(step()).isEmpty();
  }

  @Test
  void whatIsThereIsNotMadeAgain() {
    machine.completed(PREPARE, Optional.empty());
    machine.volumesChanged();
    assertThat(step()).doesNotContain(PREPARE).isNotEmpty();
  }

  private List<PodAction> step() {
    return machine.step(List.of(), List.of(), now).actions();
  }
}
