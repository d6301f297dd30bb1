package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RoundsTest {
  private final List<Duration> slept = new ArrayList<>();
  private final Deque<RuntimeException> failures = new ArrayDeque<>();
  private int rounds;

  @Test
  void aRoundThatFailsIsFollowedByTheNextAfterAPause() {
    failures.add(new IllegalStateException("no such thing"));
    failures.add(new NullPointerException());
    run(4);
    assertThat(rounds).isEqualTo(4);
    assertThat(slept).containsExactly(Rounds.PAUSE, Rounds.PAUSE);
  }

  @Test
  void oneThatFailsToItsEndStillEnds() {
    for (int i = 0; i < 3; i++) {
      failures.add(new IllegalStateException("never"));
    }
    run(3);
    assertThat(rounds).isEqualTo(3);
  }

  @Test
  void anInterruptEndsIt() {
    Rounds.run(
        "test",
        new Sleeper(),
        () -> true,
        () -> {
          rounds++;
          throw new InterruptedException();
        });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(rounds).isOne();
  }

  @Test
  void anInterruptEndsThePauseAfterAFailure() {
    failures.add(new IllegalStateException("interrupted while it failed"));
    Thread.currentThread().interrupt();
    run(2);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(rounds).isOne();
  }

  @Test
  void aFailureIsToldInOneLineWithItsPlace() {
    assertThat(Rounds.line(new IllegalStateException("two\nlines")))
        .startsWith("java.lang.IllegalStateException: two lines (")
        .contains("RoundsTest.aFailureIsToldInOneLineWithItsPlace(RoundsTest.java:")
        .doesNotContain("\n");
  }

  private void run(int most) {
    Rounds.run(
        "test",
        new Sleeper(),
        () -> rounds < most,
        () -> {
          rounds++;
          if (!failures.isEmpty()) {
            throw failures.remove();
          }
        });
  }

  /** Notes for how long it was to sleep, and does not. */
  private final class Sleeper implements Time {
    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
      if (Thread.currentThread().isInterrupted()) {
        Thread.interrupted();
        throw new InterruptedException();
      }
      slept.add(duration);
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      throw new UnsupportedOperationException();
    }
  }
}
