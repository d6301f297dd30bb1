package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.PodMachine;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class StatusReporterTest {
  private final ManualTime time = new ManualTime();
  private final PodMachine machine =
      new PodMachine(new PodDecider("10.0.0.1"), pending(), time.now());
  private final BlockingQueue<PodStatus> written = new LinkedBlockingQueue<>();
  private final BlockingQueue<Runnable> news = new LinkedBlockingQueue<>();
  private boolean taken = true;
  private final StatusReporter reporter =
      new StatusReporter(
          machine,
          (pod, status) -> {
            written.add(status);
            return taken;
          },
          new Turns(),
          time,
          news::add);

  @Test
  void whatNobodyWaitsForIsWrittenWhenItIsItsTurn() throws Exception {
    decide();
    Instant turn = time.now().plusSeconds(1);
    assertThat(report()).isEqualTo(turn);
    assertThat(report()).as("asked again").isEqualTo(turn);
    assertThat(machine.unrecorded()).isTrue();
    time.advance(Duration.ofSeconds(1));
    assertThat(report()).isEqualTo(later());
    java.util.Objects.requireNonNull(news.poll(30, TimeUnit.SECONDS)).run();
    assertThat(written).hasSize(1);
    assertThat(machine.unrecorded()).isFalse();
  }

  @Test
  void whatPressesIsWrittenAtOnceAndAgainWhereItWasNotTaken() throws Exception {
    decide();
    report();
    Failure failure = new Failure("FailedMount", "none", time.now(), time.now().plusSeconds(60));
    machine.completed(new PodAction.Prepare(), Optional.of(failure));
    decide();
    taken = false;
    assertThat(report()).isEqualTo(later());
    java.util.Objects.requireNonNull(news.poll(30, TimeUnit.SECONDS)).run();
    assertThat(machine.unrecorded()).isTrue();
    assertThat(report()).isEqualTo(time.now().plusSeconds(2));
    taken = true;
    time.advance(Duration.ofSeconds(2));
    report();
    java.util.Objects.requireNonNull(news.poll(30, TimeUnit.SECONDS)).run();
    assertThat(written).hasSize(2);
    assertThat(machine.unrecorded()).isFalse();
  }

  private void decide() {
    machine.step(List.of(), List.of(), time.now());
  }

  private Instant report() {
    return reporter.report(later());
  }

  private Instant later() {
    return time.now().plusSeconds(60);
  }

  private static Pod pending() {
    return new PodBuilder()
        .withNewMetadata()
        .withUid("u1")
        .withName("web")
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("app")
        .withImage("app:1")
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase("Pending")
        .endStatus()
        .build();
  }
}
