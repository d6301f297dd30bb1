package dev.coxswain.controllers.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.time.LateTimers;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class KeyQueueTest {
  private final ManualTime time = new ManualTime();
  private final KeyQueue<String> queue = new KeyQueue<>(time, Randomness.seeded(1));

  @Test
  void aKeyWaitsOnceHoweverOftenItIsAdded() throws InterruptedException {
    queue.add("a");
    queue.add("b");
    queue.add("a");
    assertThat(queue.depth()).isEqualTo(2);
    assertThat(queue.take()).contains("a");
    assertThat(queue.take()).contains("b");
  }

  @Test
  void aKeyThatIsBeingReconciledComesBackOnceItIsDone() throws InterruptedException {
    queue.add("a");
    queue.take();
    queue.add("a");
    assertThat(queue.depth()).isZero();
    queue.done("a");
    assertThat(queue.take()).contains("a");
    queue.done("a");
    assertThat(queue.depth()).isZero();
  }

  @Test
  void aLaterWordOnWhenToComeBackTakesThePlaceOfAnEarlierOne() throws InterruptedException {
    queue.add("a");
    queue.take();
    queue.doneUntil("a", Duration.ofSeconds(10));
    queue.add("a");
    queue.take();
    queue.doneUntil("a", Duration.ofSeconds(60));
    time.advance(Duration.ofSeconds(59));
    assertThat(queue.depth()).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(queue.depth()).isEqualTo(1);
  }

  @Test
  void failuresMakeTheKeyWaitLongerAndLonger() throws InterruptedException {
    Duration last = Duration.ZERO;
    for (int i = 0; i < 6; i++) {
      queue.add("a");
      queue.take();
      Duration pause = queue.failed("a");
      assertThat(pause).isGreaterThan(last);
      last = pause;
      time.advance(pause);
      queue.take();
      queue.add("a");
      queue.failed("a");
    }
    for (int i = 0; i < 40; i++) {
      queue.add("a");
      queue.take();
      last = queue.failed("a");
    }
    assertThat(last).isLessThanOrEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void aTimerThatCouldNotBeCalledOffAnyMoreWakesNobody() throws InterruptedException {
    var late = new LateTimers(time);
    var waits = new KeyQueue<String>(late, Randomness.seeded(1));
    waits.add("a");
    waits.take();
    waits.failed("a");
    waits.add("a");
    waits.take();
    waits.doneUntil("a", Duration.ofHours(1));
    late.tasks().getFirst().run();
    assertThat(waits.depth()).isZero();
    late.tasks().getLast().run();
    assertThat(waits.depth()).isEqualTo(1);
  }

  @Test
  void whoWaitsIsToldOfTheEnd() {
    var taken = new AtomicReference<Optional<String>>();
    Thread waiter =
        Thread.ofVirtual()
            .start(() -> {
              try {
                taken.set(queue.take());
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            });
    queue.close();
    await().until(() -> !waiter.isAlive());
    assertThat(taken.get()).isEmpty();
  }
}
