package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DepartureTest {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(2);

  private final ManualTime time = new ManualTime();
  private final List<Runnable> work = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Departure departure =
      new Departure(
          time,
          work::add,
          new StoreNode.Halt() {
            @Override
            public void halt(String reason) {
              told.add("halt");
            }

            @Override
            public void beginAnew(String reason) {
              told.add("begin anew");
            }
          });

  @Test
  void replicationThatEndedHasTheMemberBeginAnewUnlessItWasRemoved() {
    departure.ended(() -> told.add("asked"));
    work.getFirst().run();
    assertThat(told).containsExactly("asked", "begin anew");
  }

  @Test
  void alsoWhenTheOthersCannotEvenBeAsked() {
    departure.ended(() -> {
      throw new IllegalArgumentException("the certificate cannot be read");
    });
    work.getFirst().run();
    assertThat(told).containsExactly("begin anew");
  }

  @Test
  void whoIsStoppedWhileTheOthersAreAskedIsLeftAlone() {
    departure.ended(departure::close);
    work.getFirst().run();
    assertThat(told).isEmpty();
  }

  @Test
  void itIsToldOfItsRemovalOnceTheAnswersHaveBeenGiven() {
    departure.onRemoved(() -> told.add("removed"));
    departure.leave();
    assertThat(told).isEmpty();
    time.advance(LONG_ENOUGH);
    assertThat(told).containsExactly("removed");
  }

  /** Another may be in its place by then, with the same directory. */
  @Test
  void whoIsStoppedLearnsOfItsRemovalWhenItIsStartedAgain() {
    departure.onRemoved(() -> told.add("removed"));
    departure.leave();
    departure.close();
    time.advance(LONG_ENOUGH);
    assertThat(told).isEmpty();

    Departure later = new Departure(time, work::add, new Unheard());
    later.onRemoved(() -> told.add("removed"));
    later.close();
    later.leave();
    time.advance(LONG_ENOUGH);
    assertThat(told).isEmpty();
    assertThat(later.left()).isFalse();
  }

  private static final class Unheard implements StoreNode.Halt {
    @Override
    public void halt(String reason) {}

    @Override
    public void beginAnew(String reason) {}
  }
}
