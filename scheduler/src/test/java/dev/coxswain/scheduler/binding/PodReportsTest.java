package dev.coxswain.scheduler.binding;

import static dev.coxswain.scheduler.model.Pods.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reports on threads of their own, and calls that take their time. */
final class PodReportsTest {
  private static final Remedy WAIT = new Remedy.Wait("");

  /** As many as are told at once. */
  private static final int WORKERS = 8;

  private final SystemTime time = new SystemTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(1));
  private final ResourceClient<Pod> pods = api.resource(Pod.class);
  private final PodReports reports =
      new PodReports(
          pods, key -> Optional.empty(), (scheduler, about, warning, reason, text) -> {}, time);
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void stop() {
    release.countDown();
    reports.close();
  }

  private PodInfo pod(String name) {
    return PodReader.read(
        api.seed(
            Pod.class,
            new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build()));
  }

  /** Calls wait until the test releases them; counted. */
  private AtomicInteger held() {
    var calls = new AtomicInteger();
    api.onTheWay(() -> {
      calls.incrementAndGet();
      try {
        release.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    });
    return calls;
  }

  private void goOn() {
    api.onTheWay(() -> {});
    release.countDown();
  }

  private Optional<String> told(ObjectKey pod) {
    return pods.find(pod).orElseThrow().getStatus().getConditions().stream()
        .map(PodCondition::getMessage)
        .findFirst();
  }

  @Test
  void ofOnePodOneReportIsToldAfterTheOther() {
    PodInfo pod = pod("web");
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    Thread test = Thread.currentThread();
    api.onTheWay(() -> {
      if (!Thread.currentThread().equals(test)) {
        most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        LockSupport.parkNanos(1_000);
        atOnce.decrementAndGet();
      }
    });
    for (int number = 0; number < 2000; number++) {
      reports.unfit(pod, "attempt " + number, WAIT);
      LockSupport.parkNanos(1_000);
    }
    await().pollInSameThread().until(() -> told(pod.key()).equals(Optional.of("attempt 1999")));
    assertThat(most).as("calls for one pod at once").hasValue(1);
  }

  @Test
  void whatIsBeingToldIsWaitedFor() throws InterruptedException {
    PodInfo pod = pod("web");
    AtomicInteger calls = held();
    reports.unfit(pod, "full", WAIT);
    await().until(() -> calls.get() == 1);
    var told = new AtomicInteger();
    Thread binding =
        Thread.startVirtualThread(() -> {
          try {
            reports.withdraw(pod.key());
            told.set(told(pod.key()).isPresent() ? 1 : -1);
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });
    await().until(() -> binding.getState() == Thread.State.WAITING || told.get() != 0);
    goOn();
    binding.join();
    assertThat(told).as("nothing is written later").hasValue(1);
  }

  @Test
  void whatHasNotBeenToldIsTakenBack() throws InterruptedException {
    AtomicInteger calls = held();
    for (int number = 0; number < WORKERS; number++) {
      reports.unfit(pod("other-" + number), "full", WAIT);
    }
    await().until(() -> calls.get() == WORKERS);
    PodInfo pod = pod("web");
    PodInfo last = pod("last");
    reports.unfit(pod, "full", WAIT);
    reports.unfit(last, "full", WAIT);
    reports.withdraw(pod.key());
    goOn();
    await().until(() -> told(last.key()).isPresent());
    assertThat(told(pod.key())).isEmpty();
  }

  @Test
  void anotherPodOfTheSameNameIsToldNothing() throws InterruptedException {
    PodInfo gone = pod("web");
    pods.delete(gone.key(), new DeleteOptions(0L, null, null, null));
    PodInfo next = pod("web");
    AtomicInteger calls = held();
    reports.unfit(gone, "full", WAIT);
    await().until(() -> calls.get() == 1);
    goOn();
    reports.withdraw(gone.key());
    assertThat(told(next.key())).isEmpty();
  }

  @Test
  void aConditionSaysWhichSpecItIsAbout() {
    PodInfo pod = pod("web");
    reports(time).unfit(pod, "full", WAIT);
    await().until(() -> told(pod.key()).isPresent());
    assertThat(conditions(pod).getFirst().getObservedGeneration()).isEqualTo(1);
  }

  @Test
  void roomIsMadeThoughTheApiServerIsAwayForAMoment() {
    ManualTime manual = new ManualTime();
    PodInfo pod = pod("web");
    PodInfo victim = pod("batch");
    var calls = new AtomicInteger();
    api.onTheWay(() -> {
      if (calls.incrementAndGet() == 1) {
        throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "no leader");
      }
    });
    reports(manual).unfit(pod, "full", new Remedy.Evict("n1", List.of(victim)));
    await().until(() -> manual.waiting() == 1);
    api.onTheWay(() -> {});
    assertThat(pods.find(victim.key())).isPresent();
    manual.advance(Duration.ofSeconds(1));
    await().until(() -> pods.find(victim.key()).isEmpty());
    assertThat(pods.find(pod.key()).orElseThrow().getStatus().getNominatedNodeName())
        .isEqualTo("n1");
  }

  @Test
  void whatWasPutOffIsTakenBackToo() throws InterruptedException {
    ManualTime manual = new ManualTime();
    PodInfo pod = pod("web");
    PodInfo victim = pod("batch");
    api.onTheWay(() -> {
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "no leader");
    });
    PodReports patient = reports(manual);
    patient.unfit(pod, "full", new Remedy.Evict("n1", List.of(victim)));
    await().until(() -> manual.waiting() == 1);
    api.onTheWay(() -> {});
    patient.withdraw(pod.key());
    manual.advance(Duration.ofSeconds(1));
    PodInfo last = pod("last");
    patient.unfit(last, "full", WAIT);
    await().until(() -> told(last.key()).isPresent());
    assertThat(pods.find(victim.key())).isPresent();
  }

  @Test
  void whoGoesAlreadyIsNotSaidToGoForAnother() {
    PodInfo pod = pod("web");
    PodInfo going = with(pod("batch"), draft -> draft.state = PodInfo.State.TERMINATING);
    PodInfo other = pod("other");
    reports(time).unfit(pod, "full", new Remedy.Evict("n1", List.of(going, other)));
    await().until(() -> pods.find(other.key()).isEmpty());
    assertThat(conditions(going)).isEmpty();
  }

  @Test
  void whoMakesRoomIsToldOfByTheProfileOfWhomItIsFor() {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    PodInfo victim = pod("victim");
    PodInfo pod = with(pod("web"), draft -> draft.schedulerName = "batch-scheduler");
    new PodReports(
            pods,
            pods::find,
            (scheduler, about, warning, reason, text) ->
                told.add(scheduler + " " + about.key().name() + " " + reason),
            time)
        .unfit(pod, "full", new Remedy.Evict("n1", List.of(victim)));
    await()
        .untilAsserted(() ->
            assertThat(told)
                .containsExactly(
                    "batch-scheduler web FailedScheduling", "batch-scheduler victim Preempted"));
  }

  private PodReports reports(Time by) {
    return new PodReports(pods, pods::find, (scheduler, about, warning, reason, text) -> {}, by);
  }

  private List<PodCondition> conditions(PodInfo pod) {
    return pods.find(pod.key()).orElseThrow().getStatus().getConditions();
  }
}
