package dev.coxswain.apiserver.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RequestTraceTest {
  private final ManualTime time = new ManualTime();

  private void pass(int millis) {
    time.advance(Duration.ofMillis(millis));
  }

  @Test
  void eachPartHasItsOwnTimeAndAllComeToTheWhole() {
    RequestTrace trace = RequestTrace.begin(time);
    trace.during(() -> {
      trace.at(Stage.SEAT);
      pass(300);
      trace.at(Stage.REST);
      pass(2);
      try (var _ = RequestTrace.enter(Stage.ADMISSION)) {
        pass(10);
        try (var _ = RequestTrace.enterStore()) {
          pass(30);
        }
        pass(5);
      }
      try (var _ = RequestTrace.enterStore()) {
        pass(40);
      }
      time.advance(Duration.ofNanos(500_000));
    });
    assertThat(trace.parts())
        .isEqualTo(
            "waiting for a seat 300 ms, admission 15 ms, store 70 ms (2 calls), the rest 2 ms");
    assertThat(trace.total()).isEqualTo(387_500_000);
  }

  @Test
  void callsAreNamedTheLongestFirstAndQuickOnesNot() throws InterruptedException {
    RequestTrace trace = RequestTrace.begin(time);
    trace.during(() -> {
      RequestTrace.Calls calls = RequestTrace.calls();
      try (var _ = RequestTrace.enter(Stage.ADMISSION);
          var _ = calls.begin("webhook long")) {
        Thread other =
            Thread.ofVirtual()
                .start(() -> {
                  try (var _ = calls.begin("webhook middle");
                      var _ = RequestTrace.enter(Stage.DECODING)) {
                    pass(40);
                  }
                });
        other.join();
        try (var _ = calls.begin("webhook quick")) {
          pass(19);
        }
      }
    });
    assertThat(trace.parts())
        .isEqualTo("admission 59 ms; webhook long 59 ms; webhook middle 40 ms");
  }

  @Test
  void whatTheStoreSaysOfTheSlowestWriteIsTold() {
    RequestTrace trace = RequestTrace.begin(time);
    trace.during(() -> {
      RequestTrace.stored(new StoreTimes(3_000_000, 1_000_000, 600_000_000));
      RequestTrace.stored(new StoreTimes(1_000_000, 1_000_000, 50_000_000));
      pass(700);
    });
    assertThat(trace.parts())
        .isEqualTo(
            "the rest 700 ms; the store of a write: 3 ms until its entry was begun, 1 until that"
                + " was in the log, 600 until a majority had flushed it");
  }
}
