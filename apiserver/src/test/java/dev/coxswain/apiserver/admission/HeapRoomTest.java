package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeapRoomTest {
  private final ManualTime time = new ManualTime();
  private double lives = 0.5;
  private double seen = 0.5;
  private int collections;
  private final HeapRoom room =
      new HeapRoom(
          new HeapRoom.Heap() {
            @Override
            public double taken() {
              return seen;
            }

            @Override
            public void collect() {
              collections++;
              seen = lives;
            }
          },
          time);

  private void ask(Operation operation) {
    room.mutate(
        new AdmissionRequest(
            operation,
            new GroupVersionKind("", "v1", "ConfigMap"),
            new GroupResource("", "configmaps"),
            "",
            "default",
            "one",
            null,
            null,
            null,
            false,
            UserInfo.of("ada", List.of()),
            List.of(),
            Annotations.NONE));
  }

  @Test
  void aFullServerTakesNoNewObjectsUntilOthersHaveGone() {
    assertThatCode(() -> ask(Operation.CREATE)).doesNotThrowAnyException();
    lives = 0.9;
    seen = 0.9;
    assertThatThrownBy(() -> ask(Operation.CREATE))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.status().code()).isEqualTo(429);
              assertThat(refused.status().details().retryAfterSeconds()).isEqualTo(20);
            })
        .hasMessageContaining("nearly full of objects");
    assertThatCode(() -> ask(Operation.UPDATE)).doesNotThrowAnyException();
    assertThatCode(() -> ask(Operation.DELETE)).doesNotThrowAnyException();
    lives = 0.4;
    assertThatThrownBy(() -> ask(Operation.CREATE)).isInstanceOf(ApiException.class);
    assertThat(collections).as("it does not stop the program at each").isZero();
    time.advance(Duration.ofSeconds(21));
    assertThatCode(() -> ask(Operation.CREATE)).doesNotThrowAnyException();
    assertThat(collections).isEqualTo(1);
  }
}
