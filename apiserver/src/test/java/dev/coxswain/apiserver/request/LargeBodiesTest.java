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
    InFlight.Place first = bodies.enter(MANY_VALUES, "application/json", Endpoint.NONE);
    assertThatThrownBy(() -> bodies.enter(SOME_VALUES, "application/json", Endpoint.NONE))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal ->
                assertThat(refusal.status().reason()).isEqualTo(StatusReason.TOO_MANY_REQUESTS));
    bodies.enter(text("{},".repeat(1000)), "application/json", Endpoint.NONE).close();
    first.close();
    bodies.enter(SOME_VALUES, "application/json", Endpoint.NONE).close();
  }

  @Test
  void theSmallestPatchOfALargeObjectIsAsLargeAsThat() throws InterruptedException {
    byte[] patch = text("{\"data\":{\"a\":\"b\"}}");
    InFlight.Place first = bodies.enter(patch, "application/merge-patch+json", MANY_VALUES);
    assertThatThrownBy(() -> bodies.enter(patch, "application/json-patch+json", SOME_VALUES))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal ->
                assertThat(refusal.status().reason()).isEqualTo(StatusReason.TOO_MANY_REQUESTS));
    bodies.enter(patch, "application/merge-patch+json", text("{},".repeat(1000))).close();
    first.close();
    bodies.enter(patch, "application/json-patch+json", SOME_VALUES).close();
  }

  @Test
  void oneLongTextIsNoMoreThanItsLength() throws InterruptedException {
    byte[] longest = text("x".repeat(3 << 20));
    for (int i = 0; i < 10; i++) {
      // Nobody leaves.
      assertThat(bodies.enter(longest, "application/json", Endpoint.NONE)).isNotNull();
    }
  }

  @Test
  void fewLinesThatStandForManyAreAsLargeAsThose() throws InterruptedException {
    StringBuilder doubling = new StringBuilder("a0: &a0 [a]\n");
    for (int i = 1; i < 40; i++) {
      doubling.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    InFlight.Place bomb =
        bodies.enter(text(doubling.toString()), "application/apply-patch+yaml", Endpoint.NONE);
    assertThatThrownBy(() -> bodies.enter(SOME_VALUES, "application/json", Endpoint.NONE))
        .isInstanceOf(ApiException.class);
    bodies.enter(text("a: &x [1, 2]\nb: *x\nc: '*'\n"), "application/yaml", Endpoint.NONE).close();
    bomb.close();
    bodies.enter(SOME_VALUES, "application/json", Endpoint.NONE).close();
  }

  @Test
  void aTextThatManyStandForIsAsLongAsAllOfThem() throws InterruptedException {
    byte[] texts = text("a: &x " + "y".repeat(10_000) + "\nb: [" + "*x,".repeat(400) + "]\n");
    for (int i = 0; i < LargeBodies.TOGETHER / (4 << 20); i++) {
      // Nobody leaves.
      assertThat(bodies.enter(texts, "application/yaml", Endpoint.NONE)).isNotNull();
    }
    for (int i = 0; i < 4; i++) {
      bodies.enter(text("{},".repeat(1000)), "application/json", Endpoint.NONE).close();
    }
    assertThatThrownBy(
            () -> {
              while (true) {
                assertThat(bodies.enter(texts, "application/yaml", Endpoint.NONE)).isNotNull();
              }
            })
        .isInstanceOf(ApiException.class);
  }
}
