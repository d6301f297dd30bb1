package dev.coxswain.kubelet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.Health;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.grpc.Status;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Probes of one container whose checks end when and as the test lets them. */
final class ContainerProbesTest {
  private static final Health WELL = new Health(true, true, null, null);

  private final ManualTime time = new ManualTime();
  private final ProbeCounts counts = new ProbeCounts();
  private final BlockingQueue<Health> told = new LinkedBlockingQueue<>();
  private final Queue<String> events = new ConcurrentLinkedQueue<>();

  /** What the checks' commands exit with. */
  private volatile int status = 1;

  private interface Check {
    void await() throws Exception;
  }

  @Test
  void whatTwoProbesSayAtOnceIsBothHeard() throws Exception {
    for (int round = 0; round < 300; round++) {
      CyclicBarrier together = new CyclicBarrier(2);
      ContainerProbes probes =
          probes(
              new ContainerBuilder()
                  .withName("main")
                  .withLivenessProbe(probe())
                  .withReadinessProbe(probe())
                  .build(),
              () -> together.await(1, TimeUnit.MINUTES));
      probes.start();
      Health first = next();
      Health last = next();
      assertThat(first.failure() == null).as("one by one").isNotEqualTo(first.ready());
      assertThat(last.failure())
          .isEqualTo("Container main failed liveness probe, will be restarted");
      assertThat(last.ready()).isFalse();
      probes.stop();
    }
  }

  @Test
  void aCheckThatIsUnderWayAtTheEndIsNeitherCountedNorTold() throws Exception {
    CompletableFuture<Thread> asked = new CompletableFuture<>();
    CompletableFuture<Void> answer = new CompletableFuture<>();
    ContainerProbes probes =
        probes(
            new ContainerBuilder().withName("main").withReadinessProbe(probe()).build(),
            () -> {
              asked.complete(Thread.currentThread());
              // Not every check ends when its thread is interrupted.
              answer.join();
              var _ = Thread.interrupted();
            });
    probes.start();
    Thread prober = asked.get(1, TimeUnit.MINUTES);
    probes.stop();
    answer.complete(null);
    assertThat(prober.join(Duration.ofMinutes(1))).isTrue();
    assertThat(counts.all()).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void aCheckThatFailsOfABugSaysNothingAndIsNotTheLast() throws Exception {
    AtomicInteger checks = new AtomicInteger();
    ContainerProbes probes =
        probes(
            new ContainerBuilder().withName("main").withReadinessProbe(probe()).build(),
            () -> {
              if (checks.incrementAndGet() == 1) {
                throw new IllegalStateException("a bug");
              }
            });
    probes.start();
    Awaitility.await().until(() -> time.waiting() == 1);
    assertThat(told).isEmpty();
    time.advance(Duration.ofSeconds(10));
    assertThat(next().ready()).isFalse();
    probes.stop();
  }

  @Test
  void readinessIsAskedForToTheEndAndLivenessIsNot() throws Exception {
    AtomicInteger checks = new AtomicInteger();
    ContainerProbes probes =
        probes(
            new ContainerBuilder()
                .withName("main")
                .withLivenessProbe(later())
                .withReadinessProbe(later())
                .build(),
            checks::incrementAndGet);
    probes.start();
    Awaitility.await().until(() -> time.waiting() == 2);
    probes.leave();
    Awaitility.await().until(() -> time.waiting() == 1);
    time.advance(Duration.ofSeconds(5));
    Health last = next();
    assertThat(last.ready()).isFalse();
    assertThat(last.failure()).isNull();
    assertThat(checks).hasValue(1);
    probes.stop();
  }

  @Test
  void readinessIsAskedForAsSoonAsTheContainerHasStarted() throws Exception {
    status = 0;
    Probe ready = new ProbeBuilder(probe()).withPeriodSeconds(600).build();
    Probe startup = new ProbeBuilder(probe()).withInitialDelaySeconds(5).build();
    ContainerProbes probes =
        probes(
            new ContainerBuilder()
                .withName("main")
                .withStartupProbe(startup)
                .withReadinessProbe(ready)
                .build(),
            new Health(false, false, null, null),
            () -> {});
    probes.start();
    Awaitility.await().until(() -> time.waiting() == 1);
    time.advance(Duration.ofSeconds(5));
    assertThat(next()).isEqualTo(new Health(true, false, null, null));
    assertThat(next()).isEqualTo(WELL);
    probes.stop();
  }

  @Test
  void whatCannotBeRunSaysNothingOfTheContainer() throws Exception {
    AtomicInteger checks = new AtomicInteger();
    ContainerProbes probes =
        probes(
            new ContainerBuilder().withName("main").withLivenessProbe(probe()).build(),
            () -> {
              if (checks.incrementAndGet() == 1) {
                throw new CriException(
                    Status.Code.UNKNOWN, "exec: \"check\": executable file not found in $PATH");
              }
            });
    probes.start();
    Awaitility.await().until(() -> time.waiting() == 1);
    assertThat(told).isEmpty();
    assertThat(events)
        .singleElement()
        .asString()
        .startsWith("Unhealthy Liveness probe errored and resulted in unknown state: ")
        .endsWith("executable file not found in $PATH");
    time.advance(Duration.ofSeconds(10));
    assertThat(next().failure()).isNotNull();
    probes.stop();
  }

  private static Probe later() {
    return new ProbeBuilder(probe()).withInitialDelaySeconds(5).build();
  }

  private Health next() throws InterruptedException {
    return Objects.requireNonNull(told.poll(1, TimeUnit.MINUTES));
  }

  private static Probe probe() {
    return new ProbeBuilder()
        .withNewExec()
        .withCommand("check")
        .endExec()
        .withFailureThreshold(1)
        .build();
  }

  private ContainerProbes probes(Container container, Check check) {
    return probes(container, WELL, check);
  }

  private ContainerProbes probes(Container container, Health initial, Check check) {
    Pod pod =
        new PodBuilder().withNewMetadata().withName("web").withUid("u1").endMetadata().build();
    return new ContainerProbes(
        new ContainerProbes.Target(pod, container, "c1", "10.0.0.1", time.now()),
        initial,
        new Checks(ending(check)),
        counts,
        new Told(),
        time,
        told::add);
  }

  private ContainerRuntime ending(Check check) {
    return (ContainerRuntime)
        Proxy.newProxyInstance(
            ContainerProbesTest.class.getClassLoader(),
            new Class<?>[] {ContainerRuntime.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("execSync")) {
                throw new UnsupportedOperationException(method.getName());
              }
              check.await();
              return ExecSyncResponse.newBuilder().setExitCode(status).build();
            });
  }

  private final class Told implements PodEvents {
    @Override
    public void normal(Pod pod, String container, String reason, String message) {}

    @Override
    public void warning(Pod pod, String container, String reason, String message) {
      events.add(reason + " " + message);
    }
  }
}
