package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.runtime.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class VolumeGaugeTest {
  private static final Path EXPORTED = Path.of("/pods/u1/exported");
  private static final Optional<VolumeFigures> FIGURES =
      Optional.of(new VolumeFigures(10, 4, 6, 0, 0, 0));

  private final ManualTime time = new ManualTime();
  private final CountDownLatch stuck = new CountDownLatch(1);
  private final CompletableFuture<Optional<VolumeFigures>> back = new CompletableFuture<>();
  private final AtomicInteger questions = new AtomicInteger();
  private volatile boolean virtual;

  @Test
  void whatIsThereIsTold() {
    VolumeGauge gauge = new VolumeGauge(path -> FIGURES, time);
    assertThat(gauge.figures(EXPORTED)).isEqualTo(FIGURES);
    assertThat(time.advanceToNext()).isFalse();
  }

  @Test
  void aServerThatHasGoneIsWaitedForOnceAndOnAThreadOfItsOwn() throws Exception {
    VolumeGauge gauge = new VolumeGauge(path -> askServer(), time);
    CompletableFuture<Optional<VolumeFigures>> first = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> first.complete(gauge.figures(EXPORTED)));
    assertThat(stuck.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(virtual).isFalse();
    time.advance(Duration.ofSeconds(5));
    assertThat(first.get(1, TimeUnit.MINUTES)).isEmpty();
    assertThat(gauge.figures(EXPORTED)).isEmpty();
    assertThat(questions).hasValue(1);
    back.complete(FIGURES);
    Awaitility.await().until(() -> gauge.figures(EXPORTED).equals(FIGURES));
    assertThat(questions).hasValueGreaterThan(1);
  }

  @Test
  void aQuestionThatFailsIsAnsweredAndAskedAgain() {
    VolumeGauge gauge =
        new VolumeGauge(
            path -> {
              if (questions.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
              }
              return FIGURES;
            },
            time);
    assertThat(gauge.figures(EXPORTED)).isEmpty();
    assertThat(gauge.figures(EXPORTED)).isEqualTo(FIGURES);
  }

  private Optional<VolumeFigures> askServer() {
    questions.incrementAndGet();
    virtual = Thread.currentThread().isVirtual();
    stuck.countDown();
    return back.join();
  }
}
