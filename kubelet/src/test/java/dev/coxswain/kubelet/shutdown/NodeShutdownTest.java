package dev.coxswain.kubelet.shutdown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeShutdownTest {
  private static final int CRITICAL = 2_000_000_000;

  @TempDir private Path root = Path.of("");

  private final ManualTime time = new ManualTime();
  private final Node node = new Node();

  /** Pods that end when the test lets them. */
  private static final class Node implements NodeShutdown.Pods, NodeShutdown.Notice, NodeEvents {
    volatile boolean sent;
    private volatile boolean heard;
    final List<Pod> pods = new CopyOnWriteArrayList<>();
    final Map<String, Ending> endings = new ConcurrentHashMap<>();
    private final Set<String> released = ConcurrentHashMap.newKeySet();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public List<Pod> active() {
      return List.copyOf(pods);
    }

    @Override
    public void end(String uid, Ending ending) {
      endings.put(uid, ending);
    }

    @Override
    public boolean released(String uid) {
      return released.contains(uid);
    }

    @Override
    public boolean told(String uid) {
      return released.contains(uid);
    }

    @Override
    public void record(boolean warning, String reason, String message) {
      events.add(reason);
    }

    @Override
    public void send() {
      sent = true;
    }

    @Override
    public boolean heard() {
      return heard;
    }

    @Override
    public void onEnding(Runnable listener) {
      listeners.add(listener);
    }

    @Override
    public void onHearing(Runnable listener) {
      listeners.add(listener);
    }

    void release(String... uids) {
      for (String uid : uids) {
        released.add(uid);
        listeners.forEach(Runnable::run);
      }
    }

    void hear() {
      heard = true;
      listeners.forEach(Runnable::run);
    }
  }

  @Test
  void criticalPodsGoOnceTheOthersHaveEnded() {
    NodeShutdown shutdown =
        shutdown(ShutdownSettings.of(Duration.ofSeconds(30), Duration.ofSeconds(10)));
    node.pods.addAll(List.of(pod("dns", CRITICAL, 60), pod("web", 0, 60), pod("quick", -5, 3)));
    assertThat(shutdown.problem()).isEmpty();
    assertThat(shutdown.refusal()).isEmpty();

    shutdown.begin();
    assertThat(shutdown.problem()).contains("node is shutting down");
    assertThat(shutdown.refusal().orElseThrow().reason()).isEqualTo("NodeShutdown");
    awaitEndings("web", "quick");
    assertThat(ending("web").grace()).isEqualTo(Duration.ofSeconds(20));
    assertThat(ending("quick").grace()).isEqualTo(Duration.ofSeconds(3));
    assertThat(ending("web").reason()).isEqualTo("Terminated");
    assertThat(ending("web").disruption())
        .isEqualTo("Pod was terminated in response to imminent node shutdown.");
    assertThat(node.events).containsExactly("NodeShutdown");
    assertThat(state()).contains("startTime").doesNotContain("endTime");

    node.release("web");
    assertThat(node.endings).doesNotContainKey("dns");
    node.release("quick");
    awaitEndings("web", "quick", "dns");
    assertThat(ending("dns").grace()).isEqualTo(Duration.ofSeconds(10));
    node.release("dns");
    assertThat(node.sent).isTrue();
    assertThat(state()).doesNotContain("endTime");
    node.hear();
    awaitEnd();
    assertThat(time.now()).as("none of it took time").isEqualTo(ending("web").since());
    assertThat(time.waiting()).isZero();
  }

  @Test
  void aPodThatDoesNotEndHoldsTheNextUpForItsPeriodOnly() {
    NodeShutdown shutdown =
        shutdown(ShutdownSettings.of(Duration.ofSeconds(30), Duration.ofSeconds(10)));
    node.pods.addAll(List.of(pod("dns", CRITICAL, 60), pod("stuck", 0, 60)));
    shutdown.begin();
    awaitEndings("stuck");
    pass(Duration.ofSeconds(20));
    awaitEndings("stuck", "dns");
    assertThat(Duration.between(ending("stuck").since(), ending("dns").since()))
        .isEqualTo(Duration.ofSeconds(20));
    pass(Duration.ofSeconds(10));
    pass(Duration.ofSeconds(5));
    awaitEnd();
  }

  @Test
  void withoutAPeriodNobodyIsEndedAndNobodyWaits() {
    NodeShutdown shutdown = shutdown(ShutdownSettings.of(Duration.ZERO, Duration.ZERO));
    node.pods.add(pod("web", 0, 60));
    shutdown.begin();
    assertThat(shutdown.problem()).isEmpty();
    assertThat(node.endings).isEmpty();
    assertThat(state()).contains("endTime");
  }

  @Test
  void aPodGoesWithTheHighestPriorityThatIsNotAboveItsOwn() {
    ShutdownSettings settings =
        new ShutdownSettings(
            List.of(
                new ShutdownSettings.Period(1000, Duration.ofSeconds(5)),
                new ShutdownSettings.Period(10, Duration.ofSeconds(50))));
    assertThat(
            settings
                .groups(
                    List.of(
                        pod("below", 0, 1),
                        pod("at", 10, 1),
                        pod("between", 999, 1),
                        pod("top", 1000, 1),
                        pod("above", CRITICAL, 1)))
                .stream()
                .map(group -> group.pods().stream().map(one -> one.getMetadata().getUid()).toList())
                .toList())
        .containsExactly(List.of("below", "at", "between"), List.of("top", "above"));
  }

  @Test
  void periodsThatMakeNoSenseAreNamed() {
    assertThatThrownBy(() -> ShutdownSettings.of(Duration.ofSeconds(5), Duration.ofSeconds(9)))
        .hasMessage(
            "invalid configuration: shutdownGracePeriod 5s must be >="
                + " shutdownGracePeriodCriticalPods 9s");
    assertThatThrownBy(() -> ShutdownSettings.of(Duration.ofMillis(500), Duration.ZERO))
        .hasMessageContaining("must be either zero or otherwise >= 1 sec");
  }

  private NodeShutdown shutdown(ShutdownSettings settings) {
    return new NodeShutdown(settings, root, node, node, node, time);
  }

  private static Pod pod(String uid, int priority, long grace) {
    return new PodBuilder()
        .withNewMetadata()
        .withUid(uid)
        .withName(uid)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withPriority(priority)
        .withTerminationGracePeriodSeconds(grace)
        .endSpec()
        .build();
  }

  private Ending ending(String uid) {
    return Objects.requireNonNull(node.endings.get(uid));
  }

  private void awaitEndings(String... uids) {
    Awaitility.await().until(() -> node.endings.keySet().equals(Set.of(uids)));
  }

  private void awaitEnd() {
    Awaitility.await().until(() -> state().contains("endTime"));
  }

  /** The shutdown waits for this long and no less. */
  private void pass(Duration duration) {
    Awaitility.await().until(() -> time.untilNext().equals(Optional.of(duration)));
    time.advance(duration);
  }

  private String state() {
    try {
      Path file = root.resolve("graceful_node_shutdown_state");
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
