package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ProgramTest {
  private final Program program = new Program("test");
  private final List<String> closed = new ArrayList<>();

  @Test
  void closesItsPartsInReverseOrderAfterAStop() {
    int code =
        program.runHere(running -> {
          running.closing("first", () -> closed.add("first"));
          running.closing("second", () -> closed.add("second"));
          running.ready();
          running.stop();
        });
    assertThat(code).isZero();
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void aFailedStartClosesWhatHadStarted() {
    int code =
        program.runHere(running -> {
          running.closing("first", () -> closed.add("first"));
          throw new IllegalStateException("port 1 is taken");
        });
    assertThat(code).isEqualTo(1);
    assertThat(closed).containsExactly("first");
  }

  @Test
  void aPartThatFailsForGoodEndsTheProgram() {
    int code = program.runHere(running -> running.fail("the lease was lost"));
    assertThat(code).isEqualTo(1);
  }

  @Test
  void aPartThatDoesNotCloseKeepsNoOtherFromClosing() {
    program.runHere(running -> {
      running.closing("first", () -> closed.add("first"));
      running.closing(
          "broken",
          () -> {
            throw new IllegalStateException("stuck");
          });
      running.stop();
    });
    assertThat(closed).containsExactly("first");
  }

  @Test
  void aStopEndsWhatTheStartWaitsFor() {
    int code =
        program.runHere(running -> {
          running.closing("first", () -> closed.add("first"));
          running.awaiting(() -> {
            running.stop();
            new CountDownLatch(1).await();
            return "never";
          });
          closed.add("started");
        });
    assertThat(code).isZero();
    assertThat(closed).containsExactly("first");
    assertThat(Thread.interrupted()).as("what is closed may wait").isFalse();
  }

  @Test
  void nothingIsWaitedForAfterAStop() {
    int code =
        program.runHere(running -> {
          running.stop();
          running.awaiting(() -> closed.add("waited"));
        });
    assertThat(code).isZero();
    assertThat(closed).isEmpty();
  }

  @Test
  void whatWasThereWhenTheStopCameLeavesNoInterruptBehind() {
    int code =
        program.runHere(running -> {
          running.awaiting(() -> {
            running.stop();
            return "there";
          });
          closed.add("started, interrupted: " + Thread.interrupted());
        });
    assertThat(code).isZero();
    assertThat(closed).containsExactly("started, interrupted: false");
  }
}
