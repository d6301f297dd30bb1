package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LargeBodiesTest {
  private final LargeBodies bodies = new LargeBodies(Duration.ZERO);

  @Test
  void whatIsTooMuchAtOnceIsPutOffAndSmallBodiesPassBy() throws InterruptedException {
    InFlight.Place first = bodies.enter(LargeBodies.TOGETHER);
    assertThatThrownBy(() -> bodies.enter(LargeBodies.SMALL + 1))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal ->
                assertThat(refusal.status().reason()).isEqualTo(StatusReason.TOO_MANY_REQUESTS));
    bodies.enter(LargeBodies.SMALL).close();
    first.close();
    bodies.enter(LargeBodies.SMALL + 1).close();
  }
}
