package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LargeBodiesTest {
  private static final byte[] MANY_VALUES = text("{},".repeat(150_000));
  private static final byte[] SOME_VALUES = text("{},".repeat(20_000));

  private final LargeBodies bodies = new LargeBodies(Duration.ZERO);

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void whatIsTooMuchAtOnceIsPutOffAndSmallBodiesPassBy() throws InterruptedException {
    InFlight.Place first = bodies.enter(MANY_VALUES);
    assertThatThrownBy(() -> bodies.enter(SOME_VALUES))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal ->
                assertThat(refusal.status().reason()).isEqualTo(StatusReason.TOO_MANY_REQUESTS));
    bodies.enter(text("{},".repeat(1000))).close();
    first.close();
    bodies.enter(SOME_VALUES).close();
  }

  @Test
  void oneLongTextIsNoMoreThanItsLength() throws InterruptedException {
    byte[] longest = text("x".repeat(3 << 20));
    for (int i = 0; i < 10; i++) {
      // Nobody leaves.
      assertThat(bodies.enter(longest)).isNotNull();
    }
  }
}
