package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.pod.ContainerView;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NodePodsTest {
  private static final ContainerView FIRST = container("c1", 0, ContainerView.State.EXITED);
  private static final ContainerView SECOND = container("c2", 1, ContainerView.State.EXITED);
  private static final ContainerView THIRD = container("c3", 2, ContainerView.State.RUNNING);

  @Test
  void whileAContainerRunsThePreviousOneIsTheOneBefore() {
    PodStatus status = lastEnd("c2");
    assertThat(logged(status, List.of(SECOND, THIRD), false)).contains(THIRD);
    assertThat(logged(status, List.of(SECOND, THIRD), true)).contains(SECOND);
  }

  /** It is the log of the last crash that its user wants to see, whichever way it is asked for. */
  @Test
  void whileAContainerBacksOffThePreviousOneIsTheNewest() {
    PodStatus status = lastEnd("c2");
    assertThat(logged(status, List.of(FIRST, SECOND), false)).contains(SECOND);
    assertThat(logged(status, List.of(FIRST, SECOND), true)).contains(SECOND);
    assertThat(logged(lastEnd("c1"), List.of(FIRST), true)).contains(FIRST);
  }

  @Test
  void whatIsGoneHasNoLog() {
    assertThat(logged(lastEnd("c1"), List.of(THIRD), true)).isEmpty();
    assertThat(logged(new PodStatus(), List.of(THIRD), true)).isEmpty();
  }

  private static Optional<ContainerView> logged(
      PodStatus status, List<ContainerView> containers, boolean previous) {
    return NodePods.logged(status, containers, "main", previous);
  }

  private static PodStatus lastEnd(String id) {
    return new PodStatusBuilder()
        .addNewContainerStatus()
        .withName("main")
        .withNewLastState()
        .withNewTerminated()
        .withContainerID("containerd://" + id)
        .endTerminated()
        .endLastState()
        .endContainerStatus()
        .build();
  }

  private static ContainerView container(String id, int restarts, ContainerView.State state) {
    return new ContainerView(
        id,
        "main",
        "s1",
        restarts,
        state,
        Instant.EPOCH,
        Instant.EPOCH,
        Instant.EPOCH,
        0,
        "",
        "",
        "app:1",
        "",
        "",
        Duration.ZERO,
        null,
        ContainerView.Setup.UNTOLD);
  }
}
