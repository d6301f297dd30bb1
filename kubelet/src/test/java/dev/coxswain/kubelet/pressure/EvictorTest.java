package dev.coxswain.kubelet.pressure;

import static dev.coxswain.kubelet.pressure.SimulatedNode.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EvictorTest {
  private static final int CRITICAL = 2_000_000_000;
  private final SimulatedNode node = new SimulatedNode();
  private final ManualTime time = new ManualTime();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Evictor evictor =
      evictor(Map.of("memory.available", "100", "nodefs.available", "10%"));

  @Test
  void aNodeWithEnoughLeavesEverybodyAlone() throws IOException {
    node.run(pod("one", 0, "0"), 900, 900);
    assertThat(evictor.round()).isEmpty();
    assertThat(evictor.pressures()).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void whoUsesMoreThanHeAskedForGoesFirst() throws IOException {
    node.run(pod("modest", 0, "500"), 480, 0);
    node.run(pod("greedy", 100, "50"), 300, 0);
    node.run(pod("slight", 0, "0"), 130, 0);
    assertThat(evictor.round()).contains("slight");
    assertThat(evictor.round()).isEmpty();
    node.run(pod("other", 100, "0"), 200, 0);
    assertThat(evictor.round()).contains("greedy");
    assertThat(node.pods).containsOnlyKeys("modest", "other");
  }

  @Test
  void theMessageIsUpstreams() throws IOException {
    node.run(pod("greedy", 0, "50"), 950, 0);
    evictor.round();
    assertThat(told)
        .containsExactly(
            "EvictionThresholdMet Attempting to reclaim memory",
            "greedy Evicted The node was low on resource: memory. Threshold quantity: 100,"
                + " available: 50. Container main was using 950, request is 50, has larger"
                + " consumption of memory. ");
    assertThat(node.ending("greedy").reason()).isEqualTo("Evicted");
    assertThat(node.ending("greedy").disruption()).startsWith("The node was low on resource");
    assertThat(evictor.pressures()).containsExactly(Pressure.MEMORY);
  }

  @Test
  void whoIsGivenNoTimeStillGetsItsSignal() throws IOException {
    Evictor soft =
        evictor(
            Thresholds.of(
                Map.of(),
                Map.of("memory.available", "100"),
                Map.of("memory.available", "10s"),
                Map.of()));
    node.run(pod("greedy", 0, "50"), 950, 0);
    assertThat(soft.round()).as("it may pass").isEmpty();
    time.advance(Duration.ofSeconds(10));
    assertThat(soft.round()).contains("greedy");
    assertThat(node.ending("greedy").grace()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void forDiskRubbishGoesBeforePods() throws IOException {
    node.run(pod("writer", 0, "0"), 0, 800);
    node.garbage = 150;
    assertThat(evictor.round()).isEmpty();
    assertThat(node.clearings).isOne();
    assertThat(node.ended).isEmpty();
    node.run(pod("other", 0, "0"), 0, 150);
    assertThat(evictor.round()).contains("writer");
  }

  @Test
  void theNextPodGoesAsSoonAsNothingOfTheLastIsLeft() {
    AtomicInteger changes = new AtomicInteger();
    evictor.onChange(changes::incrementAndGet);
    node.run(pod("greedy", 0, "0"), 600, 0);
    node.run(pod("slight", 0, "0"), 350, 0);
    node.run(pod("modest", 0, "500"), 480, 0);
    node.held.add("greedy");
    evictor.start();
    Awaitility.await().until(() -> node.ended.contains("greedy") && time.waiting() == 1);
    assertThat(changes).as("told that memory is short").hasValue(1);
    assertThat(node.ended).containsExactly("greedy");
    node.release("another");
    assertThat(node.ended).containsExactly("greedy");
    node.held.add("slight");
    node.run(pod("late", 100, "0"), 100, 0);
    node.release("greedy");
    Awaitility.await().until(() -> node.ended.contains("slight") && time.waiting() == 1);
    assertThat(time.nanos()).as("none of it took time").isZero();
    time.advance(Duration.ofSeconds(30));
    Awaitility.await().until(() -> time.waiting() == 1);
    assertThat(node.ended).as("what does not end is waited for in vain").hasSize(2);
    evictor.stop();
  }

  @Test
  void criticalPodsAreNeverEnded() throws IOException {
    node.run(pod("vital", CRITICAL, "0"), 990, 0);
    assertThat(evictor.round()).isEmpty();
    assertThat(evictor.refusal(pod("new", 0, "0")).map(one -> one.reason())).contains("Evicted");
    assertThat(evictor.refusal(pod("new", CRITICAL, "0"))).isEmpty();
    assertThat(evictor.refusal(pod("asks", 0, "10"))).isEmpty();
  }

  @Test
  void anOverFullVolumeEndsItsPod() throws IOException {
    Pod writer =
        new PodBuilder(pod("writer", 0, "0"))
            .editSpec()
            .editFirstContainer()
            .editResources()
            .addToLimits("ephemeral-storage", new Quantity("100"))
            .endResources()
            .endContainer()
            .endSpec()
            .build();
    node.run(writer, 0, 100);
    assertThat(evictor.round()).isEmpty();
    node.run(writer, 0, 101);
    assertThat(evictor.round()).contains("writer");
    assertThat(node.ending("writer").message())
        .isEqualTo("Pod ephemeral local storage usage exceeds the total limit of containers 100. ");
    assertThat(node.ending("writer").reason()).isEqualTo("Evicted");
    assertThat(node.ending("writer").disruption()).as("it is its own doing").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void whateverPodsDoTheNodeRecoversAndTheModestSurvive(long seed) throws IOException {
    Random random = new Random(seed);
    for (int step = 0; step < 400; step++) {
      String name = "pod-" + step;
      boolean modest = random.nextInt(4) == 0;
      int priority = random.nextInt(10) == 0 ? CRITICAL : random.nextInt(3);
      long memory = priority == CRITICAL ? 1 : random.nextInt(120);
      long disk = priority == CRITICAL ? 0 : random.nextInt(120);
      if (node.pods.size() < 20) {
        node.run(pod(name, priority, modest ? Long.toString(memory) : "0"), memory, disk);
      }
      node.garbage += random.nextInt(60);
      List<Pod> before = node.active();
      boolean starvedOfMemory = node.freeMemory() < 100;
      var ended = evictor.round();
      if (ended.isPresent()) {
        Pod gone =
            before.stream()
                .filter(pod -> pod.getMetadata().getUid().equals(ended.get()))
                .findFirst()
                .orElseThrow();
        assertThat(gone.getSpec().getPriority()).as("seed %d", seed).isNotEqualTo(CRITICAL);
      }
      if (starvedOfMemory) {
        assertThat(evictor.pressures()).contains(Pressure.MEMORY);
      }
      time.advance(Duration.ofSeconds(10));
    }
    for (int round = 0; round < 25; round++) {
      evictor.round();
      time.advance(Duration.ofSeconds(10));
    }
    assertThat(node.freeMemory()).as("seed %d", seed).isGreaterThanOrEqualTo(100);
    assertThat(node.freeDisk()).as("seed %d", seed).isGreaterThanOrEqualTo(100);
    time.advance(Duration.ofMinutes(5));
    evictor.round();
    assertThat(evictor.pressures()).as("seed %d", seed).isEmpty();
  }

  private Evictor evictor(Map<String, String> hard) {
    return evictor(Thresholds.of(hard, Map.of(), Map.of(), Map.of()));
  }

  private Evictor evictor(List<Threshold> thresholds) {
    PodEvents events =
        new PodEvents() {
          @Override
          public void normal(Pod pod, String container, String reason, String message) {}

          @Override
          public void warning(Pod pod, String container, String reason, String message) {
            told.add(pod.getMetadata().getName() + " " + reason + " " + message);
          }
        };
    return new Evictor(
        new EvictionSettings(thresholds, Duration.ofMinutes(5), Duration.ZERO),
        node,
        node,
        node,
        events,
        (warning, reason, message) -> told.add(reason + " " + message),
        time);
  }
}
