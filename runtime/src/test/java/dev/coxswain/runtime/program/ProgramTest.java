package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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
}
