package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.proto.cri.RuntimeCondition;
import dev.coxswain.proto.cri.RuntimeStatus;
import dev.coxswain.runtime.time.ManualTime;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadinessTest {
  private static final String DOWN = "container runtime is down: gone";

  private final ManualTime time = new ManualTime();
  private boolean away;
  private boolean ready = true;
  private boolean listed = true;
  private Optional<String> leaving = Optional.empty();
  private final Readiness readiness =
      new Readiness(this::status, () -> listed, () -> leaving, time);

  @Test
  void aRuntimeThatIsRestartedMakesNoNodeUnready() {
    assertThat(readiness.get()).isEmpty();
    away = true;
    time.advance(Duration.ofSeconds(30));
    assertThat(readiness.get()).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(readiness.get()).contains(DOWN);
    away = false;
    assertThat(readiness.get()).isEmpty();
  }

  @Test
  void aRuntimeThatHasNeverAnsweredIsDown() {
    away = true;
    assertThat(readiness.get()).contains(DOWN);
  }

  @Test
  void whatTheRuntimeSaysOfItselfCountsAtOnce() {
    ready = false;
    assertThat(readiness.get())
        .contains("container runtime not ready: RuntimeReady=false reason:Sick message:very");
    listed = false;
    leaving = Optional.of("node is shutting down");
    assertThat(readiness.get())
        .contains(
            "[container runtime not ready: RuntimeReady=false reason:Sick message:very, "
                + "PLEG is not healthy: pods have not been listed yet, node is shutting down]");
  }

  private RuntimeStatus status() {
    if (away) {
      throw new CriException(Status.Code.UNAVAILABLE, "gone");
    }
    return RuntimeStatus.newBuilder()
        .addConditions(
            RuntimeCondition.newBuilder()
                .setType("RuntimeReady")
                .setStatus(ready)
                .setReason("Sick")
                .setMessage("very"))
        .build();
  }
}
