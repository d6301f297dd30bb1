package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class AppliedIndexTest {
  private static final Duration PATIENCE = Duration.ofSeconds(7);

  private final ManualTime time = new ManualTime();
  private long applied = 10;
  private final AppliedIndex index = new AppliedIndex(() -> applied, time, PATIENCE);

  @Test
  void whoWaitsForWhatWasAppliedWaitsNoMore() {
    CompletableFuture<Void> eleven = index.reached(11);
    CompletableFuture<Void> twelve = index.reached(12);
    assertThat(index.reached(10)).isCompleted();
    applied = 11;
    index.advanced();
    assertThat(eleven).isCompleted();
    assertThat(twelve).isNotDone();
  }

  @Test
  void whoWaitsTooLongIsToldSo() {
    CompletableFuture<Void> eleven = index.reached(11);
    time.advance(PATIENCE.minusMillis(1));
    CompletableFuture<Void> twelve = index.reached(12);
    index.expire();
    assertThat(eleven).isNotDone();
    time.advance(Duration.ofMillis(1));
    index.expire();
    assertThatThrownBy(eleven::join).hasMessageContaining("etcdserver: request timed out");
    assertThat(twelve).isNotDone();
    applied = 12;
    index.advanced();
    assertThat(twelve).isCompleted();
  }
}
