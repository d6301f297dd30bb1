package dev.coxswain.kubelet.shutdown;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.runtime.time.LateTimers;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class FenceTest {
  private static final Duration AFTER = Duration.ofSeconds(30);

  private final ManualTime time = new ManualTime();
  private final AtomicInteger unknownStopped = new AtomicInteger();

  /** How often the runtime will not answer. */
  private final AtomicInteger silences = new AtomicInteger();

  private final Map<String, Ending> endings = new ConcurrentHashMap<>();
  private final NodeShutdown.Pods pods =
      new NodeShutdown.Pods() {
        @Override
        public List<Pod> active() {
          return List.of(
              pod("web", Map.of()), pod("own", Map.of("kubernetes.io/config.source", "file")));
        }

        @Override
        public void end(String uid, Ending ending) {
          endings.put(uid, ending);
        }

        @Override
        public boolean released(String uid) {
          return false;
        }

        @Override
        public boolean told(String uid) {
          return false;
        }

        @Override
        public void onEnding(Runnable listener) {}
      };

  @Test
  void whoeverRenewsInTimeKeepsItsPods() {
    try (Fence fence = fence(AFTER)) {
      fence.renewed();
      for (int i = 0; i < 10; i++) {
        time.advance(AFTER.minusSeconds(1));
        fence.renewed();
      }
      assertThat(time.waiting()).isOne();
      assertThat(endings).isEmpty();
    }
  }

  @Test
  void withoutRenewalAllButStaticPodsAreStoppedAndThenAnew() {
    try (Fence fence = fence(AFTER)) {
      fence.renewed();
      time.advance(AFTER);
      Awaitility.await().until(() -> unknownStopped.get() == 1);
      assertThat(endings).containsOnlyKeys("web");
      assertThat(endings.get("web"))
          .satisfies(ending -> {
            assertThat(ending.reason()).isEqualTo("NodeLost");
            assertThat(ending.grace()).isEqualTo(Duration.ofSeconds(7));
            assertThat(ending.deleted()).isFalse();
          });
      fence.renewed();
      time.advance(AFTER);
      Awaitility.await().until(() -> unknownStopped.get() == 2);
    }
  }

  @Test
  void aRuntimeThatIsAwayIsAskedUntilItSaysWhatItHas() {
    silences.set(2);
    try (Fence fence = fence(AFTER)) {
      fence.renewed();
      time.advance(AFTER);
      for (int left : List.of(1, 0)) {
        Awaitility.await().until(() -> silences.get() == left && time.waiting() == 1);
        time.advance(Duration.ofSeconds(1));
      }
      Awaitility.await().until(() -> unknownStopped.get() == 1);
    }
  }

  @Test
  void onceTheLeaseIsRenewedTheRuntimeIsNoLongerAsked() {
    silences.set(1);
    try (Fence fence = fence(AFTER)) {
      fence.renewed();
      time.advance(AFTER);
      Awaitility.await().until(() -> silences.get() == 0 && time.waiting() == 1);
      fence.renewed();
      time.advance(AFTER);
      Awaitility.await().until(() -> unknownStopped.get() > 0);
      assertThat(unknownStopped).hasValue(1);
    }
  }

  @Test
  void withoutATimeAndOnceClosedNothingIsStopped() {
    Fence fence = fence(AFTER);
    fence.renewed();
    fence.close();
    fence.renewed();
    try (Fence none = fence(Duration.ZERO)) {
      none.renewed();
      time.advance(Duration.ofDays(1));
      assertThat(time.waiting()).isZero();
    }
    assertThat(endings).isEmpty();
  }

  /** A timer that has begun can no longer be cancelled. */
  @Test
  void aTimerThatFiresWhileTheLeaseIsRenewedStopsNothing() throws InterruptedException {
    LateTimers late = new LateTimers(time);
    Fence fence = new Fence(AFTER, pods, this::stopUnknown, late);
    fence.renewed();
    fence.renewed();
    assertThat(late.tasks()).hasSize(2);
    late.tasks().getFirst().run();
    late.tasks().getLast().run();
    Awaitility.await().until(() -> unknownStopped.get() > 0);
    assertThat(unknownStopped).hasValue(1);
    fence.close();
  }

  private Fence fence(Duration after) {
    return new Fence(after, pods, this::stopUnknown, time);
  }

  private boolean stopUnknown() {
    if (silences.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return false;
    }
    unknownStopped.incrementAndGet();
    return true;
  }

  private static Pod pod(String name, Map<String, String> annotations) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid(annotations.isEmpty() ? name : "0123456789abcdef0123456789abcdef")
        .withAnnotations(annotations)
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(7L)
        .endSpec()
        .build();
  }
}
